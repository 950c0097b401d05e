import { useSearchParams } from "@solidjs/router";
import ArrowUp from "lucide-solid/icons/arrow-up";
import Plus from "lucide-solid/icons/plus";
import { createMemo, createSignal, type JSX, Match, Show, Switch } from "solid-js";
import type { Run } from "~/api/types";
import { Button, ButtonLink } from "~/components/Button/Button";
import { EmptyState } from "~/components/EmptyState/EmptyState";
import { ErrorNotice } from "~/components/ErrorNotice/ErrorNotice";
import { PageHeader } from "~/components/PageHeader/PageHeader";
import { Skeleton } from "~/components/Skeleton/Skeleton";
import { hiddenRuns } from "../run-actions";
import { BulkBar } from "./BulkBar";
import { Filters } from "./Filters";
import { createLiveRuns } from "./live-runs";
import {
  NEWEST_FIRST,
  readAnew,
  type RunsView,
  STATUS_FILTERS,
  type StatusFilter,
  useNewestId,
  useRunList,
} from "./queries";
import { RunTable } from "./RunTable";
import { createSelection } from "./selection";

/** Every run: searched, sorted, chosen; what is running moves while one looks. */
export default function RunsPage(): JSX.Element {
  const [query, setQuery] = useSearchParams<{
    q: string;
    status: string;
    project: string;
    sort: string;
  }>();
  const view = createMemo<RunsView>(() => ({
    q: query.q ?? "",
    status: query.status && query.status in STATUS_FILTERS ? (query.status as StatusFilter) : "all",
    project: query.project ?? "",
    sort: query.sort ?? NEWEST_FIRST,
  }));
  const list = useRunList(view);
  const runs = createMemo(() =>
    (list.data?.pages ?? [])
      .flatMap((page) => page.items)
      .filter((run) => !hiddenRuns().has(run.id)),
  );
  const selection = createSelection(() => runs().map((run) => run.id));
  const [inView, setInView] = createSignal<readonly Run[]>([]);
  const live = createLiveRuns(inView);
  const newest = useNewestId(view, () => list.data?.pages);
  const hasNewer = (): boolean => {
    const first = list.data?.pages[0]?.items[0];
    return Boolean(newest.data && first && newest.data !== first.id);
  };
  const isFiltered = (): boolean =>
    view().q !== "" || view().status !== "all" || view().project !== "";
  const set = (change: Record<string, string | undefined>): void => {
    setQuery(change, { replace: true, scroll: false });
  };
  return (
    <>
      <PageHeader
        title="Training"
        subtitle="Runs that your scripts report, live and past"
        actions={
          <ButtonLink href="/training/new" variant="primary" icon={<Plus size={16} />}>
            New run
          </ButtonLink>
        }
      />
      <Show when={isFiltered() || runs().length > 0}>
        <Filters view={view()} set={set} count={countText(runs().length, list.hasNextPage)} />
      </Show>
      <Show when={hasNewer()}>
        <Button
          size="small"
          icon={<ArrowUp size={14} />}
          onClick={() => {
            scrollTo({ top: 0 });
            void readAnew(view());
          }}
        >
          Newer runs began: show them
        </Button>
      </Show>
      <Switch>
        <Match when={list.isError && !list.data}>
          <ErrorNotice error={list.error} onRetry={() => void list.refetch()} />
        </Match>
        <Match when={list.isPending}>
          <Skeleton height="28rem" />
        </Match>
        <Match when={runs().length === 0}>
          <Show when={isFiltered()} fallback={<NoRuns />}>
            <EmptyState
              title="No run matches"
              actions={
                <Button
                  onClick={() => set({ q: undefined, status: undefined, project: undefined })}
                >
                  Show all runs
                </Button>
              }
            >
              The search looks at the names of runs.
            </EmptyState>
          </Show>
        </Match>
        <Match when={true}>
          <RunTable
            runs={runs()}
            live={live}
            onView={setInView}
            sort={view().sort}
            onSort={(sort) => set({ sort: sort === NEWEST_FIRST ? undefined : sort })}
            selection={selection}
            hasMore={list.hasNextPage}
            onMore={() => {
              if (!list.isFetchingNextPage) void list.fetchNextPage();
            }}
          />
        </Match>
      </Switch>
      <Show when={runs().some((run) => selection.has(run.id))}>
        <BulkBar runs={runs()} live={live} selection={selection} />
      </Show>
    </>
  );
}

function countText(count: number, hasMore: boolean): string {
  const number = count.toLocaleString("en");
  if (hasMore) return `the first ${number} runs`;
  return count === 1 ? "1 run" : `${number} runs`;
}

function NoRuns(): JSX.Element {
  return (
    <EmptyState
      title="No runs yet"
      command="axon demo"
      actions={<ButtonLink href="/training/new">Log from your own script</ButtonLink>}
    >
      The demo trains a small classifier on real images, here, in under a minute, and you can watch
      it.
    </EmptyState>
  );
}
