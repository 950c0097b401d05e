import { useQuery } from "@tanstack/solid-query";
import { api, unwrap } from "~/api/client";

/** What the sign-in page needs to know before anyone is known. */
export function useAuthState() {
  return useQuery(() => ({
    queryKey: ["auth", "state"],
    queryFn: () => unwrap(api.GET("/api/auth/state")),
    retry: true,
    retryDelay: 2_000,
  }));
}
