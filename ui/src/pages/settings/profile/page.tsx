import type { JSX } from "solid-js";
import { PageHeader } from "~/components/PageHeader/PageHeader";
import { t } from "~/i18n/i18n";
import { AppearanceCard } from "./AppearanceCard";
import { NameCard } from "./NameCard";
import { TokensCard } from "./TokensCard";
import styles from "./page.module.css";

/** Who I am here, how the page looks, and what may act for me. */
export default function ProfilePage(): JSX.Element {
  return (
    <>
      <PageHeader title={t("nav.profile")} />
      <div class={styles.grid}>
        <NameCard />
        <AppearanceCard />
        <div class={styles.wide}>
          <TokensCard />
        </div>
      </div>
    </>
  );
}
