import { useMutation, useQuery } from "@tanstack/solid-query";
import { api, unwrap } from "~/api/client";
import type { Run } from "~/api/types";
import { runsKey } from "../keys";

const LOOK_MS = 1_500;
const TOKEN_DAYS = 30;

/** The newest run, once it began after `since` (ms): the script that was just copied. */
export function useRunSince(since: number) {
  return useQuery(() => ({
    queryKey: [...runsKey, "since", since],
    refetchInterval: LOOK_MS,
    queryFn: async (): Promise<Run | null> => {
      const page = await unwrap(
        api.GET("/api/training/runs", {
          params: { query: { sort: "-created_at", limit: 1 } },
        }),
      );
      const [newest] = page.items;
      return newest && Date.parse(newest.created_at) > since ? newest : null;
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
