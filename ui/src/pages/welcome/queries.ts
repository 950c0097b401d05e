import { useQuery } from "@tanstack/solid-query";
import { fetchApi } from "~/api/client";

/** Whether the server is ready to work, and how long it took to say so. */
export function useHealth() {
  return useQuery(() => ({
    queryKey: ["health"],
    queryFn: async () => {
      const from = performance.now();
      await fetchApi("/health/ready");
      return { latency_ms: performance.now() - from };
    },
    refetchInterval: 10_000,
    retry: false,
  }));
}
