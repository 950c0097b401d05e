import { keepPreviousData, useInfiniteQuery, useQuery } from "@tanstack/solid-query";
import { api, unwrap } from "~/api/client";
import { queryClient } from "~/api/query-client";
import type { RunPage, RunStatus } from "~/api/types";
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

export const NEWEST_FIRST = "-created_at";
const PAGE = 200;
const REFRESH_MS = 5_000;
/** Up to here the list is read again as a whole; a longer one only looks for newer runs. */
const FEW_PAGES = 2;

const listKey = (view: RunsView) => [...runsKey, "list", view] as const;

function readRuns(view: RunsView, limit: number, cursor?: string): Promise<RunPage> {
  return unwrap(
    api.GET("/api/training/runs", {
      params: {
        query: {
          q: view.q || undefined,
          status: [...STATUS_FILTERS[view.status]],
          project: view.project || undefined,
          sort: view.sort,
          limit,
          cursor,
        },
      },
    }),
  );
}

function isShort(pages: readonly RunPage[] | undefined): boolean {
  return (pages?.length ?? 0) <= FEW_PAGES;
}

/** The runs of a view, page after page. */
export function useRunList(view: () => RunsView) {
  return useInfiniteQuery(() => ({
    queryKey: listKey(view()),
    queryFn: ({ pageParam }) => readRuns(view(), PAGE, pageParam ?? undefined),
    initialPageParam: null as string | null,
    getNextPageParam: (last: RunPage) => last.next_cursor,
    placeholderData: keepPreviousData,
    // Finds runs that began meanwhile; what the known ones do comes over the socket.
    refetchInterval: (query) => isShort(query.state.data?.pages) && REFRESH_MS,
    refetchOnWindowFocus: (query) => isShort(query.state.data?.pages),
    refetchOnReconnect: (query) => isShort(query.state.data?.pages),
  }));
}

/** The id of the newest run of a view, for a list too long to be read again and again. */
export function useNewestId(view: () => RunsView, pages: () => readonly RunPage[] | undefined) {
  return useQuery(() => ({
    queryKey: [...runsKey, "newest", view()],
    enabled: view().sort === NEWEST_FIRST && !isShort(pages()),
    queryFn: async () => (await readRuns(view(), 1)).items[0]?.id ?? null,
    refetchInterval: REFRESH_MS,
  }));
}

/** Read a view anew, from its first page. */
export async function readAnew(view: RunsView): Promise<void> {
  await queryClient.resetQueries({ queryKey: listKey(view) });
}
