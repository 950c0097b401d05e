import { A } from "@solidjs/router";
import GitCompare from "lucide-solid/icons/git-compare";
import type { JSX } from "solid-js";
import { Card } from "~/components/Card/Card";
import { EmptyState } from "~/components/EmptyState/EmptyState";
import { PageHeader } from "~/components/PageHeader/PageHeader";

/** Versions side by side; not there yet, and says so. */
export default function CompareModelsPage(): JSX.Element {
  return (
    <>
      <PageHeader title="Compare versions" above={<A href="/models">Models</A>} />
      <Card>
        <EmptyState title="Comparing versions is not here yet" icon={<GitCompare size={22} />}>
          Two versions will stand side by side here: metrics with their differences, configuration,
          files and signature. Today every <A href="/models">model's page</A> lists its versions
          with their metrics, and the <A href="/training">training runs</A> they came from can be
          laid over each other.
        </EmptyState>
      </Card>
    </>
  );
}
