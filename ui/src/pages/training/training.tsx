import { useSearchParams } from "@solidjs/router";
import { type JSX, lazy, Show } from "solid-js";

const RunList = lazy(() => import("./list/page"));
const Comparison = lazy(() => import("./compare/page"));

/** `/training`: the list of runs, or with `?compare=` some of them side by side. */
export function Training(): JSX.Element {
  const [query] = useSearchParams<{ compare: string }>();
  return (
    <Show when={query.compare === undefined} fallback={<Comparison />}>
      <RunList />
    </Show>
  );
}
