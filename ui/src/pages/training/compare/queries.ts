import { keepPreviousData, useQuery } from "@tanstack/solid-query";
import { api, unwrap } from "~/api/client";
import { runsKey } from "../keys";
import type { Chosen } from "./view";

const REFRESH_MS = 5_000;

/** The runs side by side; read again while one of them still trains. */
export function useComparison(chosen: () => Chosen) {
  return useQuery(() => ({
    queryKey: [...runsKey, "compare", chosen()],
    enabled: isAsked(chosen()),
    queryFn: () => unwrap(api.POST("/api/training/runs/compare", { body: bodyOf(chosen()) })),
    placeholderData: keepPreviousData,
    refetchInterval: (query) =>
      query.state.data?.runs.some((run) => !run.is_final) ? REFRESH_MS : false,
  }));
}

function isAsked(chosen: Chosen): boolean {
  return "ids" in chosen ? chosen.ids.length > 0 : chosen.filter !== "";
}

function bodyOf(chosen: Chosen): { runs: string[] } | { filter: string } {
  return "ids" in chosen ? { runs: [...chosen.ids] } : { filter: chosen.filter };
}

/** What each parameter tells of a metric, over the given runs. */
export function useImportance(runs: () => readonly string[], target: () => string) {
  return useQuery(() => ({
    queryKey: [...runsKey, "importance", runs(), target()],
    enabled: target() !== "" && runs().length > 0,
    retry: false,
    staleTime: 60_000,
    placeholderData: keepPreviousData,
    queryFn: () =>
      unwrap(
        api.POST("/api/training/runs/importance", {
          body: { runs: [...runs()], target: target() },
        }),
      ),
  }));
}

/** Runs by a part of their name, newest first, to add to a comparison. */
export function useFoundRuns(text: () => string, isOn: () => boolean) {
  return useQuery(() => ({
    queryKey: [...runsKey, "found", text()],
    enabled: isOn(),
    placeholderData: keepPreviousData,
    queryFn: () =>
      unwrap(api.GET("/api/training/runs", { params: { query: { q: text(), limit: 20 } } })),
  }));
}
