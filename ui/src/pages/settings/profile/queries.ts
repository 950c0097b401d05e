import { useMutation, useQuery } from "@tanstack/solid-query";
import { api, unwrap } from "~/api/client";
import { queryClient } from "~/api/query-client";
import type { NewApiToken } from "~/api/types";

const TOKENS = ["auth", "tokens"];
const SESSIONS = ["auth", "sessions"];

/** The caller's API tokens, without their secrets. */
export function useTokens() {
  return useQuery(() => ({
    queryKey: TOKENS,
    queryFn: () => unwrap(api.GET("/api/auth/tokens")),
  }));
}

/** Make a token; the answer holds its secret, this once. */
export function useCreateToken() {
  return useMutation(() => ({
    mutationFn: (token: NewApiToken) => unwrap(api.POST("/api/auth/tokens", { body: token })),
    onSuccess: () => queryClient.invalidateQueries({ queryKey: TOKENS }),
  }));
}

export function useRevokeToken() {
  return useMutation(() => ({
    mutationFn: (id: string) =>
      unwrap(api.DELETE("/api/auth/tokens/{token_id}", { params: { path: { token_id: id } } })),
    onSuccess: () => queryClient.invalidateQueries({ queryKey: TOKENS }),
  }));
}

/** Where the caller is signed in. */
export function useSessions() {
  return useQuery(() => ({
    queryKey: SESSIONS,
    queryFn: () => unwrap(api.GET("/api/auth/sessions")),
  }));
}

export function useEndSession() {
  return useMutation(() => ({
    mutationFn: (id: string) =>
      unwrap(
        api.DELETE("/api/auth/sessions/{session_id}", { params: { path: { session_id: id } } }),
      ),
    onSuccess: () => queryClient.invalidateQueries({ queryKey: SESSIONS }),
  }));
}
