import { useQuery } from "@tanstack/solid-query";
import { api, unwrap } from "~/api/client";
import { queryClient } from "~/api/query-client";
import type { MediaItem, MediaKey } from "~/api/types";

const ofRun = (run: string) => ["training", "media", run] as const;
const PAGE = 1000;
const COLUMNS = 200;

const path = (run_id: string) => ({ path: { run_id } });

/** Names under which the run logged rich values. */
export function useMediaKeys(run: () => string) {
  return useQuery(() => ({
    queryKey: [...ofRun(run()), "keys"],
    queryFn: () =>
      unwrap(
        api.GET("/api/training/runs/{run_id}/media/keys", {
          params: { ...path(run()), query: { limit: PAGE } },
        }),
      ),
  }));
}

/** Every value of one name in the order of steps: the newest thousand pages are enough for a slider. */
export function useMedia(run: () => string, of: () => MediaKey) {
  return useQuery(() => ({
    queryKey: [...ofRun(run()), "items", of().kind, of().key],
    queryFn: async () => {
      const items: MediaItem[] = [];
      let cursor: string | null = null;
      do {
        const query = { kind: of().kind, key: of().key, limit: PAGE, cursor };
        const page: { items: MediaItem[]; next_cursor: string | null } = await unwrap(
          api.GET("/api/training/runs/{run_id}/media", { params: { ...path(run()), query } }),
        );
        items.push(...page.items);
        cursor = page.next_cursor;
      } while (cursor);
      return items;
    },
  }));
}

/** Histograms of one name over steps, thinned by the server to what a panel can show. */
export function useHistograms(run: () => string, key: () => string) {
  return useQuery(() => ({
    queryKey: [...ofRun(run()), "histograms", key()],
    queryFn: () =>
      unwrap(
        api.GET("/api/training/runs/{run_id}/media/histograms", {
          params: { ...path(run()), query: { key: key(), limit: COLUMNS } },
        }),
      ),
  }));
}

/** Files that the run saved. */
export function useFiles(run: () => string) {
  return useQuery(() => ({
    queryKey: [...ofRun(run()), "files"],
    queryFn: () => unwrap(api.GET("/api/training/runs/{run_id}/files", { params: path(run()) })),
    select: (list) => list.items,
  }));
}

/** Versioned sets of files that the run made. */
export function useArtifacts(run: () => string) {
  return useQuery(() => ({
    queryKey: [...ofRun(run()), "artifacts"],
    queryFn: () =>
      unwrap(api.GET("/api/training/runs/{run_id}/artifacts", { params: path(run()) })),
    select: (list) => list.items,
  }));
}

/** Read again what has arrived meanwhile. */
export function refreshMedia(run: string): void {
  void queryClient.invalidateQueries({ queryKey: ofRun(run) });
}
