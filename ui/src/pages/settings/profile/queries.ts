import { useMutation, useQuery } from "@tanstack/solid-query";
import { api, unwrap } from "~/api/client";
import { queryClient } from "~/api/query-client";
import type { NewApiToken } from "~/api/types";
import { withProof } from "~/session/proof";

const TOKENS = ["auth", "tokens"];

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
    mutationFn: (token: NewApiToken) =>
      withProof(() => unwrap(api.POST("/api/auth/tokens", { body: token }))),
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
