import { useSearchParams } from "@solidjs/router";
import Plus from "lucide-solid/icons/plus";
import Square from "lucide-solid/icons/square";
import Trash from "lucide-solid/icons/trash";
import X from "lucide-solid/icons/x";
import { createEffect, createMemo, For, type JSX, Match, onCleanup, Show, Switch } from "solid-js";
import { watchRun } from "~/api/live";
import type { Run } from "~/api/types";
import { Button, ButtonLink } from "~/components/Button/Button";
import { EmptyState } from "~/components/EmptyState/EmptyState";
import { ErrorNotice } from "~/components/ErrorNotice/ErrorNotice";
import { PageHeader } from "~/components/PageHeader/PageHeader";
import { Skeleton } from "~/components/Skeleton/Skeleton";
import { useHotkeys } from "~/hotkeys/hotkeys";
import { deleteRuns, hiddenRuns, isActive, stopRuns } from "../run-actions";
import styles from "./page.module.css";
import {
  patchListStatus,
  patchListSummary,
  type RunsView,
  STATUS_FILTERS,
  type StatusFilter,
  useRunList,
} from "./queries";
import { RunTable } from "./RunTable";
import { createSelection, type Selection } from "./selection";

const SEARCH_WAIT_MS = 200;
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
      <Show when={selection.count() > 0}>
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

function Filters(props: {
  view: RunsView;
  set: (change: Record<string, string | undefined>) => void;
  count: string;
}): JSX.Element {
  let search: HTMLInputElement | undefined;
  let timer: ReturnType<typeof setTimeout> | undefined;
  onCleanup(() => clearTimeout(timer));
  useHotkeys([{ keys: "/", description: "Search the runs", run: () => search?.focus() }]);
  const onInput = (text: string): void => {
    clearTimeout(timer);
    timer = setTimeout(() => props.set({ q: text || undefined }), SEARCH_WAIT_MS);
  };
  return (
    <div class={styles.filters}>
      <input
        ref={(element) => {
          search = element;
        }}
        type="search"
        class={styles.search}
        placeholder="Search by name"
        aria-label="Search runs by name"
        value={props.view.q}
        onInput={(event) => onInput(event.currentTarget.value)}
      />
      <div class={styles.chips} role="group" aria-label="State">
        <For each={Object.keys(STATUS_FILTERS) as StatusFilter[]}>
          {(status) => (
            <button
              type="button"
              class={styles.chip}
              aria-pressed={props.view.status === status}
              onClick={() => props.set({ status: status === "all" ? undefined : status })}
            >
              {status}
            </button>
          )}
        </For>
      </div>
      <Show when={props.view.project}>
        <Button
          size="small"
          icon={<X size={14} />}
          aria-label={`Project ${props.view.project}: show all projects`}
          onClick={() => props.set({ project: undefined })}
        >
          project: {props.view.project}
        </Button>
      </Show>
      <span class={styles.count} role="status">
        {props.count}
      </span>
    </div>
  );
}

function countText(count: number, hasMore: boolean): string {
  const number = count.toLocaleString("en");
  if (hasMore) return `the first ${number} runs`;
  return count === 1 ? "1 run" : `${number} runs`;
}

function BulkBar(props: { runs: readonly Run[]; selection: Selection }): JSX.Element {
  const chosen = (): Run[] => props.runs.filter((run) => props.selection.has(run.id));
  const active = (): Run[] => chosen().filter(isActive);
  return (
    <div class={styles.bulk} role="region" aria-label="Selected runs">
      <strong>{props.selection.count()} selected</strong>
      <Show when={active().length > 0}>
        <Button
          size="small"
          icon={<Square size={14} />}
          onClick={() => void stopRuns(active().map((run) => run.id))}
        >
          Stop {active().length}
        </Button>
      </Show>
      <Button
        size="small"
        variant="danger"
        icon={<Trash size={14} />}
        onClick={() => {
          deleteRuns(chosen());
          props.selection.clear();
        }}
      >
        Delete
      </Button>
      <Button
        size="small"
        variant="ghost"
        aria-label="Clear the selection"
        icon={<X size={16} />}
        onClick={() => props.selection.clear()}
      />
    </div>
  );
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
