import { useSearchParams } from "@solidjs/router";
import Plus from "lucide-solid/icons/plus";
import { createEffect, createMemo, type JSX, Match, onCleanup, Show, Switch } from "solid-js";
import { watchRun } from "~/api/live";
import type { Run } from "~/api/types";
import { Button, ButtonLink } from "~/components/Button/Button";
import { EmptyState } from "~/components/EmptyState/EmptyState";
import { ErrorNotice } from "~/components/ErrorNotice/ErrorNotice";
import { PageHeader } from "~/components/PageHeader/PageHeader";
import { Skeleton } from "~/components/Skeleton/Skeleton";
import { hiddenRuns, isActive } from "../run-actions";
import { BulkBar } from "./BulkBar";
import { Filters } from "./Filters";
import {
  patchListStatus,
  patchListSummary,
  type RunsView,
  STATUS_FILTERS,
  type StatusFilter,
  useRunList,
} from "./queries";
import { RunTable } from "./RunTable";
import { createSelection } from "./selection";

const MOST_WATCHED = 100;
const NEWEST = "-created_at";

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
    sort: query.sort ?? NEWEST,
  }));
  const list = useRunList(view);
  const runs = createMemo(() =>
    (list.data?.pages ?? [])
      .flatMap((page) => page.items)
      .filter((run) => !hiddenRuns().has(run.id)),
  );
  const selection = createSelection(() => runs().map((run) => run.id));
  useLiveRuns(runs);
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
            sort={view().sort}
            onSort={(sort) => set({ sort: sort === NEWEST ? undefined : sort })}
            selection={selection}
            hasMore={list.hasNextPage}
            onMore={() => {
              if (!list.isFetchingNextPage) void list.fetchNextPage();
            }}
          />
        </Match>
      </Switch>
      <Show when={runs().some((run) => selection.has(run.id))}>
        <BulkBar runs={runs()} selection={selection} />
      </Show>
    </>
  );
}

/** Follow the runs that are under way: their state and their last values. */
function useLiveRuns(runs: () => readonly Run[]): void {
  const active = createMemo(
    () =>
      runs()
        .filter(isActive)
        .slice(0, MOST_WATCHED)
        .map((run) => run.id),
    [],
    { equals: (a, b) => a.join() === b.join() },
  );
  const watched = new Map<string, () => void>();
  createEffect(() => {
    const wanted = new Set(active());
    for (const [id, stop] of watched) {
      if (!wanted.has(id)) {
        stop();
        watched.delete(id);
      }
    }
    for (const id of wanted) {
      if (!watched.has(id)) {
        const stop = watchRun(id, {
          onStatus: (data) => patchListStatus(id, data),
          onColumns: (frames) => patchListSummary(id, frames),
        });
        watched.set(id, stop);
      }
    }
  });
  onCleanup(() => {
    for (const stop of watched.values()) stop();
  });
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
