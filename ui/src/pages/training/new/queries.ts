import { useMutation, useQuery } from "@tanstack/solid-query";
import { api, unwrap } from "~/api/client";
import { queryClient } from "~/api/query-client";
import type { Run } from "~/api/types";
import { runKey, runsKey } from "../keys";
import type { Launch } from "./launch";

const LOOK_MS = 1_500;
const TOKEN_DAYS = 30;

/**
 * The first run that is newer than every run there was when the page opened: the script that was
 * just copied. Only the server's times are compared, since the clock here may differ from its.
 */
export function useNextRun() {
  let newestBefore: number | undefined;
  return useQuery(() => ({
    queryKey: [...runsKey, "next"],
    gcTime: 0,
    refetchInterval: LOOK_MS,
    queryFn: async (): Promise<Run | null> => {
      const page = await unwrap(
        api.GET("/api/training/runs", {
          params: { query: { sort: "-created_at", limit: 1 } },
        }),
      );
      const [newest] = page.items;
      const begun = newest ? Date.parse(newest.created_at) : 0;
      newestBefore ??= begun;
      return newest && begun > newestBefore ? newest : null;
    },
  }));
}

/** A token that may only log runs. */
export function useLoggingToken() {
  return useMutation(() => ({
    mutationFn: async (name: string) => {
      const made = await unwrap(
        api.POST("/api/auth/tokens", {
          body: { name, scopes: ["runs:write", "read"], expires_in_days: TOKEN_DAYS },
        }),
      );
      return made.token;
    },
  }));
}

/** The built-in trainers; what is installed changes only with the server. */
export function useTrainers() {
  return useQuery(() => ({
    queryKey: ["training", "trainers"],
    staleTime: Number.POSITIVE_INFINITY,
    queryFn: () => unwrap(api.GET("/api/training/trainers")),
    select: (list) => list.items,
  }));
}

/** The run that is to be run again. */
export function useSourceRun(id: () => string | undefined) {
  return useQuery(() => ({
    queryKey: runKey(id() ?? ""),
    enabled: id() !== undefined,
    queryFn: () =>
      unwrap(api.GET("/api/training/runs/{run_id}", { params: { path: { run_id: id() ?? "" } } })),
  }));
}

/** Start a run on the server. */
export function useLaunch() {
  return useMutation(() => ({
    // The generated type of `config` admits no key: JSON of any kind has none in OpenAPI.
    mutationFn: (body: Launch) => unwrap(api.POST("/api/training/runs", { body: body as never })),
    onSuccess: () => queryClient.invalidateQueries({ queryKey: runsKey }),
  }));
}

/** The names of the scripts that the server may start. */
export function useEntrypoints() {
  return useQuery(() => ({
    queryKey: ["training", "entrypoints"],
    queryFn: () => unwrap(api.GET("/api/training/entrypoints")),
    select: (list) => list.items.map((one) => one.name),
  }));
}
