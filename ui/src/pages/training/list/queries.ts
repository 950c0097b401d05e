import {
  type InfiniteData,
  keepPreviousData,
  replaceEqualDeep,
  useInfiniteQuery,
  useQuery,
} from "@tanstack/solid-query";
import { createMemo } from "solid-js";
import { unwrap as plain } from "solid-js/store";
import { api, unwrap } from "~/api/client";
import { queryClient } from "~/api/query-client";
import type { Run, RunGroup, RunPage } from "~/api/types";
import { runsKey } from "../keys";
import { metricOf, NAME_KEY } from "./columns";
import { fieldText } from "./filter-text";
import { settled } from "~/api/settled";
import { NEWEST_FIRST, type RunsView } from "./view";

const PAGE = 200;
/** Who jumps far down gets there in large pages. */
const LARGE_PAGE = 500;
const REFRESH_MS = 5_000;
const GROUPS = 1000;
const GROUP_METRICS = 20;
/** Up to here the list is read again as a whole; a longer one only looks for newer runs. */
const FEW_PAGES = 2;

interface From {
  cursor: string | null;
  limit: number;
}

/**
 * A page that the store does not look into. What Query keeps goes through Solid's store, which
 * walks all plain objects at each change of state: 0.4 s for ten thousand runs.
 */
class HeldPage implements RunPage {
  readonly items: Run[];
  readonly next_cursor: string | null;
  readonly total: number;

  constructor(answer: RunPage, before?: HeldPage) {
    // A run that did not change stays the same object, so that its row is not drawn anew.
    this.items = before ? replaceEqualDeep(before.items, answer.items) : answer.items;
    this.next_cursor = answer.next_cursor;
    this.total = answer.total;
  }
}

type Pages = InfiniteData<HeldPage, From>;

function shared(before: unknown, now: unknown): unknown {
  const old = (before as Pages | undefined)?.pages ?? [];
  const { pages, pageParams } = now as Pages;
  return {
    pageParams,
    pages: pages.map((page, at) => (page === old[at] ? page : new HeldPage(page, old[at]))),
  };
}

const listKey = (view: RunsView) => [...runsKey, "list", view] as const;

export interface ListQuery {
  q?: string;
  filter?: string;
  sort?: string;
  deleted?: boolean;
}

/** The query of the list's routes for a view. */
export function listQuery(view: RunsView): ListQuery {
  return {
    ...(view.q && { q: view.q }),
    ...(view.filter && { filter: view.filter }),
    ...(view.sort && { sort: sortText(view.sort) }),
    ...(view.isTrash && { deleted: true }),
  };
}

/** A sort as the server reads it: odd names in quotes. */
function sortText(sort: string): string {
  return sort.startsWith("-") ? `-${fieldText(sort.slice(1))}` : fieldText(sort);
}

/** A metric as the lists of the server's routes name it. */
export function metricText(name: string): string {
  return fieldText(`metrics.${name}`).slice("metrics.".length);
}

/** One page of a view. */
export async function readRuns(view: RunsView, from: From): Promise<RunPage> {
  const query = { ...listQuery(view), limit: from.limit, cursor: from.cursor };
  // The other media type is for files.
  return (await unwrap(api.GET("/api/training/runs", { params: { query } }))) as RunPage;
}

function isShort(pages: readonly RunPage[] | undefined): boolean {
  return (pages?.length ?? 0) <= FEW_PAGES;
}

export interface RunList {
  runs: () => readonly Run[];
  total: () => number;
  pages: () => readonly RunPage[];
  error: () => unknown;
  isLoading: () => boolean;
  /** Whether what is shown is of the view before, until the answer is there. */
  isStale: () => boolean;
  /** Read on until `count` runs are there. */
  reach: (count: number) => void;
  retry: () => void;
}

/** The runs of a view, page after page, as far as somebody looked. */
export function useRunList(view: () => RunsView, isOn: () => boolean): RunList {
  const list = useInfiniteQuery(() => ({
    queryKey: listKey(view()),
    enabled: isOn(),
    queryFn: async ({ pageParam }) => new HeldPage(await readRuns(view(), pageParam)),
    structuralSharing: shared,
    initialPageParam: { cursor: null, limit: PAGE } as From,
    getNextPageParam: (last: HeldPage, pages: HeldPage[]): From | undefined =>
      last.next_cursor === null
        ? undefined
        : { cursor: last.next_cursor, limit: pages.length < FEW_PAGES ? PAGE : LARGE_PAGE },
    placeholderData: keepPreviousData,
    // Finds runs that began meanwhile; what the known ones do comes over the socket.
    refetchInterval: (query) => isShort(query.state.data?.pages) && REFRESH_MS,
    refetchOnWindowFocus: (query) => isShort(query.state.data?.pages),
    refetchOnReconnect: (query) => isShort(query.state.data?.pages),
  }));
  // Plain, not the store's proxies: those would watch every field of ten thousand runs.
  // After a refusal (a filter that cannot be read) what was there stays.
  const pages = createMemo<readonly RunPage[]>(
    (before) => plain(settled(list))?.pages ?? (list.isError ? before : []),
    [],
  );
  const runs = createMemo(() => pages().flatMap((page) => page.items));
  return {
    runs,
    pages,
    total: () => pages().at(-1)?.total ?? runs().length,
    error: () => (list.isLoadingError ? list.error : null),
    isLoading: () => list.isPending,
    isStale: () => list.isPlaceholderData,
    reach: (count) => {
      if (list.hasNextPage && !list.isFetching && runs().length < count) void list.fetchNextPage();
    },
    retry: () => void list.refetch(),
  };
}

/** The id of the newest run of a view, for a list too long to be read again and again. */
export function useNewestId(view: () => RunsView, list: RunList) {
  return useQuery(() => ({
    queryKey: [...runsKey, "newest", view()],
    enabled: view().sort === NEWEST_FIRST && view().by === "" && !isShort(list.pages()),
    queryFn: async () => (await readRuns(view(), { cursor: null, limit: 1 })).items[0]?.id ?? null,
    refetchInterval: REFRESH_MS,
  }));
}

/** Read a view anew, from its first page. */
export async function readAnew(view: RunsView): Promise<void> {
  await queryClient.resetQueries({ queryKey: listKey(view) });
}

/** The config keys, metrics and tags that runs have. */
export function useRunColumns() {
  return useQuery(() => ({
    queryKey: [...runsKey, "columns"],
    queryFn: () => unwrap(api.GET("/api/training/runs/columns")),
    placeholderData: keepPreviousData,
    staleTime: 30_000,
  }));
}

/** The projects that there are. */
export function useProjects() {
  return useQuery(() => ({
    queryKey: [...runsKey, "projects"],
    queryFn: async () => (await unwrap(api.GET("/api/training/projects"))).items,
    staleTime: 30_000,
  }));
}

/** The groups of a view, with what the shown metrics are in each. */
export function useGroups(view: () => RunsView, keys: () => readonly string[]) {
  const metrics = (): string[] =>
    keys()
      .flatMap((key) => metricOf(key) ?? [])
      .slice(0, GROUP_METRICS)
      .map(metricText);
  const query = useQuery(() => ({
    queryKey: [...runsKey, "groups", view(), metrics()],
    enabled: view().by !== "",
    placeholderData: keepPreviousData,
    queryFn: () => {
      const { sort, by } = view();
      // A group has no name; by that column go the groups with the most runs.
      const isCount = sort.replace("-", "") === NAME_KEY;
      const order = isCount ? sort.replace(NAME_KEY, "n_runs") : sortText(sort);
      const asked = {
        ...listQuery(view()),
        sort: sort === NEWEST_FIRST ? "" : order,
        by: fieldText(by),
        metrics: metrics().join(","),
        limit: GROUPS,
      };
      return unwrap(api.GET("/api/training/runs/groups", { params: { query: asked } }));
    },
    refetchInterval: REFRESH_MS * 2,
  }));
  const items = createMemo<readonly RunGroup[]>(
    (before) => plain(settled(query))?.items ?? (query.isError ? before : []),
    [],
  );
  return { query, items, total: () => plain(settled(query))?.total ?? items().length };
}
