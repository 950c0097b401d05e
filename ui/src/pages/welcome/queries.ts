import { useQuery } from "@tanstack/solid-query";
import { api, fetchApi, unwrap } from "~/api/client";

/** What the sign-in page needs to know before anyone is known. */
export function useAuthState() {
  return useQuery(() => ({
    queryKey: ["auth", "state"],
    queryFn: () => unwrap(api.GET("/api/auth/state")),
    retry: true,
    retryDelay: 2_000,
  }));
}

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
