import { keepPreviousData, useQuery } from "@tanstack/solid-query";
import { api, unwrap } from "~/api/client";

/** Versions of a model side by side; asked for from two on. */
export function useComparison(id: () => string, versions: () => readonly number[]) {
  return useQuery(() => ({
    queryKey: ["models", "comparison", id(), versions()],
    enabled: versions().length >= 2,
    queryFn: () =>
      unwrap(
        api.GET("/api/models/{model_id}/compare", {
          params: { path: { model_id: id() }, query: { versions: versions().join(",") } },
        }),
      ),
    placeholderData: keepPreviousData,
    // Of what is deployed the latency moves.
    refetchInterval: 10_000,
  }));
}
