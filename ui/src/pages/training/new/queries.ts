import { useMutation, useQuery } from "@tanstack/solid-query";
import { api, unwrap } from "~/api/client";
import type { Run } from "~/api/types";
import { runsKey } from "../keys";

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
