import Compass from "lucide-solid/icons/compass";
import type { JSX } from "solid-js";
import { ButtonLink } from "~/components/Button/Button";
import { EmptyState } from "~/components/EmptyState/EmptyState";
import { PageHeader } from "~/components/PageHeader/PageHeader";

/** An address that means nothing here. */
export default function LostPage(): JSX.Element {
  return (
    <>
      <PageHeader title="No such page" />
      <EmptyState
        title="This address leads nowhere"
        icon={<Compass size={22} />}
        actions={
          <ButtonLink href="/dashboard" variant="primary">
            To the dashboard
          </ButtonLink>
        }
      >
        What was here may have been deleted, or the link lost a part on its way.
      </EmptyState>
    </>
  );
}
