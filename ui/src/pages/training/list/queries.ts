import { type InfiniteData, keepPreviousData, useInfiniteQuery } from "@tanstack/solid-query";
import { api, unwrap } from "~/api/client";
import { type ColumnsFrame, type StatusData } from "~/api/live";
import { queryClient } from "~/api/query-client";
import type { Run, RunPage, RunStatus } from "~/api/types";
import { runsKey } from "../keys";

/** What the list shows; all of it is in the address. */
export interface RunsView {
  q: string;
  status: StatusFilter;
  project: string;
  sort: string;
}

export const STATUS_FILTERS = {
  all: [],
  running: ["queued", "starting", "running", "stopping"],
  completed: ["completed"],
  failed: ["failed", "lost"],
  stopped: ["stopped"],
} as const satisfies Record<string, readonly RunStatus[]>;
export type StatusFilter = keyof typeof STATUS_FILTERS;

const PAGE = 200;
const REFRESH_MS = 5_000;
const SLOW_REFRESH_MS = 30_000;
const FEW_PAGES = 2;

/** The runs of a view, page after page. */
export function useRunList(view: () => RunsView) {
  return useInfiniteQuery(() => ({
    queryKey: [...runsKey, view()],
    queryFn: ({ pageParam }) =>
      unwrap(
        api.GET("/api/training/runs", {
          params: {
            query: {
              q: view().q || undefined,
              status: [...STATUS_FILTERS[view().status]],
              project: view().project || undefined,
              sort: view().sort,
              limit: PAGE,
              cursor: pageParam ?? undefined,
            },
          },
        }),
      ),
    initialPageParam: null as string | null,
    getNextPageParam: (last: RunPage) => last.next_cursor,
    placeholderData: keepPreviousData,
    // Finds runs that began meanwhile; what the known ones do comes over the socket.
    refetchInterval: (query) =>
      (query.state.data?.pages.length ?? 0) > FEW_PAGES ? SLOW_REFRESH_MS : REFRESH_MS,
  }));
}

function patchRuns(id: string, patch: (run: Run) => Run): void {
  queryClient.setQueriesData<InfiniteData<RunPage>>({ queryKey: runsKey }, (data) =>
    data
      ? {
          ...data,
          pages: data.pages.map((page) =>
            page.items.some((run) => run.id === id)
              ? { ...page, items: page.items.map((run) => (run.id === id ? patch(run) : run)) }
              : page,
          ),
        }
      : data,
  );
}

/** Take a live change of state over into every list. */
export function patchListStatus(id: string, data: StatusData): void {
  patchRuns(id, (run) =>
    run.status === data.status && run.stop_requested === data.stop_requested
      ? run
      : { ...run, ...data },
  );
}

/** Take the last live values over into the run's summary. */
export function patchListSummary(id: string, frames: readonly ColumnsFrame[]): void {
  const summary: Run["summary"] = {};
  for (const frame of frames) {
    for (const [row, name] of frame.names.entries()) {
      const last = frame.values[row]?.at(-1);
      if (last !== undefined) summary[name] = last;
    }
  }
  patchRuns(id, (run) => ({ ...run, summary: { ...run.summary, ...summary } }));
}
