import Plus from "lucide-solid/icons/plus";
import type { JSX } from "solid-js";
import { ButtonLink } from "~/components/Button/Button";
import { PageHeader } from "~/components/PageHeader/PageHeader";
import { EndedRuns } from "./EndedRuns";
import { Endpoints } from "./Endpoints";
import { NewestModels } from "./NewestModels";
import { RunningRuns } from "./RunningRuns";
import styles from "./page.module.css";

/** What happens now: runs under way, what is served, what is new. */
export default function DashboardPage(): JSX.Element {
  return (
    <>
      <PageHeader
        title="Dashboard"
        actions={
          <ButtonLink href="/training/new" variant="primary" icon={<Plus size={16} />}>
            New run
          </ButtonLink>
        }
      />
      <div class={styles.grid}>
        <div class={styles.wide}>
          <RunningRuns />
        </div>
        <Endpoints />
        <NewestModels />
        <div class={styles.wide}>
          <EndedRuns />
        </div>
      </div>
    </>
  );
}
