import { keepPreviousData, useQuery } from "@tanstack/solid-query";
import { api, unwrap } from "~/api/client";
import type { MetricNumber, Run, RunStatus, SeriesAnswer } from "~/api/types";

const RUNNING: RunStatus[] = ["queued", "starting", "running", "stopping"];
const ENDED: RunStatus[] = ["completed", "failed", "stopped", "lost"];
const SHOWN = 6;
const SPARK_PIXELS = 120;
const REFRESH_MS = 3_000;
const SLOW_REFRESH_MS = 10_000;

/** The newest runs that are under way, and those that ended. */
export function useRuns(kind: "running" | "ended") {
  return useQuery(() => ({
    queryKey: ["dashboard", "runs", kind],
    queryFn: () =>
      unwrap(
        api.GET("/api/training/runs", {
          params: {
            query: {
              status: kind === "running" ? RUNNING : ENDED,
              limit: SHOWN,
              sort: "-created_at",
            },
          },
        }),
      ),
    refetchInterval: kind === "running" ? REFRESH_MS : SLOW_REFRESH_MS,
  }));
}

/** The main curve of each run, by run id, thinned to the width of a sparkline. */
export function useCurves(runs: () => readonly Run[]) {
  return useQuery(() => {
    const wanted = runs().map((run) => ({ id: run.id, name: mainMetric(run) }));
    const withMetric = wanted.filter((one) => one.name !== undefined);
    return {
      queryKey: ["dashboard", "curves", withMetric],
      enabled: withMetric.length > 0,
      placeholderData: keepPreviousData,
      refetchInterval: REFRESH_MS,
      queryFn: async (): Promise<Record<string, number[]>> => {
        const answer = (await unwrap(
          api.POST("/api/training/metrics/query", {
            body: {
              runs: withMetric.map((one) => one.id),
              names: [...new Set(withMetric.map((one) => String(one.name)))],
              width: SPARK_PIXELS,
            },
          }),
        )) as SeriesAnswer; // the other media type is for charts
        const curves: Record<string, number[]> = {};
        for (const series of answer.series) {
          const isMain = withMetric.some(
            (one) => one.id === series.run && one.name === series.name,
          );
          if (isMain) curves[series.run] = series.value.map(Number);
        }
        return curves;
      },
    };
  });
}

/** The metric that tells most about a run at a glance: a loss, else its first own metric. */
export function mainMetric(run: Pick<Run, "summary">): string | undefined {
  const own = Object.keys(run.summary).filter(
    (name) => !/^(epoch$|lr$|learning_rate$|gpu_util$|memory_mb$|system\/)/.test(name),
  );
  return own.find((name) => name === "loss") ?? own.find((name) => /loss/.test(name)) ?? own[0];
}

/** A metric's value in four figures. */
export function valueText(value: MetricNumber | undefined): string {
  if (value === undefined) return "–";
  return typeof value === "number" ? String(Number(value.toPrecision(4))) : value;
}

export function useEndpoints() {
  return useQuery(() => ({
    queryKey: ["dashboard", "endpoints"],
    queryFn: () => unwrap(api.GET("/api/inference/endpoints")),
    refetchInterval: REFRESH_MS,
  }));
}

export function useModels() {
  return useQuery(() => ({
    queryKey: ["dashboard", "models"],
    queryFn: () => unwrap(api.GET("/api/models", { params: { query: { limit: SHOWN } } })),
    refetchInterval: SLOW_REFRESH_MS,
  }));
}
