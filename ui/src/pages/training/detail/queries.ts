import { useQuery } from "@tanstack/solid-query";
import { api, unwrap } from "~/api/client";
import { type ColumnsFrame, numberOf, type StatusData } from "~/api/live";
import { queryClient } from "~/api/query-client";
import type { Run, RunChange, SeriesSummary } from "~/api/types";
import { runKey, runsKey, seriesKey } from "../keys";

/** The run of the page. */
export function useRun(id: () => string) {
  return useQuery(() => ({
    queryKey: runKey(id()),
    queryFn: () =>
      unwrap(api.GET("/api/training/runs/{run_id}", { params: { path: { run_id: id() } } })),
  }));
}

/** What the run logged, by name, with last value and extremes. */
export function useSeriesList(id: () => string) {
  return useQuery(() => ({
    queryKey: seriesKey(id()),
    queryFn: () =>
      unwrap(api.GET("/api/training/runs/{run_id}/series", { params: { path: { run_id: id() } } })),
    select: (list) => list.items,
  }));
}

/** The model versions that the run made. */
export function useMadeModels(id: () => string) {
  return useQuery(() => ({
    queryKey: ["training", "models", id()],
    queryFn: () =>
      unwrap(api.GET("/api/training/runs/{run_id}/models", { params: { path: { run_id: id() } } })),
    select: (list) => list.items,
  }));
}

/** Change name, notes, tags or group. */
export async function changeRun(id: string, change: RunChange): Promise<void> {
  const run = await unwrap(
    api.PATCH("/api/training/runs/{run_id}", { params: { path: { run_id: id } }, body: change }),
  );
  queryClient.setQueryData(runKey(id), run);
  await queryClient.invalidateQueries({ queryKey: runsKey });
}

/** Start a launched run's training again, as its next attempt. */
export async function relaunchRun(id: string): Promise<void> {
  const run = await unwrap(
    api.POST("/api/training/runs/{run_id}/relaunch", { params: { path: { run_id: id } } }),
  );
  queryClient.setQueryData(runKey(id), run);
  await queryClient.invalidateQueries({ queryKey: runsKey });
}

/** Take a live change of state over. */
export function patchStatus(id: string, data: StatusData): void {
  const before = queryClient.getQueryData<Run>(runKey(id));
  if (!before || (before.status === data.status && before.stop_requested === data.stop_requested)) {
    return;
  }
  queryClient.setQueryData<Run>(runKey(id), { ...before, ...data });
  void queryClient.invalidateQueries({ queryKey: runKey(id) });
}

/** Take live points over into the summaries of the series. */
export function patchSummaries(id: string, frames: readonly ColumnsFrame[]): void {
  queryClient.setQueryData<{ items: SeriesSummary[] }>(seriesKey(id), (list) => {
    if (!list) return list;
    const byName = new Map(list.items.map((item) => [item.name, item]));
    for (const frame of frames) {
      for (const [row, name] of frame.names.entries()) {
        const item = byName.get(name);
        const values = frame.values[row];
        if (item && values) byName.set(name, patched(item, frame.step, values.map(numberOf)));
      }
    }
    return { items: [...byName.values()] };
  });
}

function patched(item: SeriesSummary, steps: readonly number[], values: number[]): SeriesSummary {
  const newer = steps.filter((step) => step > item.last_step).length;
  const last = values.at(-1);
  if (newer === 0 || last === undefined) return item;
  const finite = values.filter(Number.isFinite);
  const known = (value: number | null): number[] => (value === null ? [] : [value]);
  const lowest = Math.min(...finite, ...known(item.lowest));
  const highest = Math.max(...finite, ...known(item.highest));
  return {
    ...item,
    n_points: item.n_points + newer,
    last_step: steps.at(-1) ?? item.last_step,
    last_value: Number.isFinite(last) ? last : (String(last) as SeriesSummary["last_value"]),
    lowest: Number.isFinite(lowest) ? lowest : null,
    highest: Number.isFinite(highest) ? highest : null,
  };
}
