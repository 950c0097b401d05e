import { useInfiniteQuery, useMutation, useQuery } from "@tanstack/solid-query";
import { api, unwrap } from "~/api/client";
import { queryClient } from "~/api/query-client";
import { createPasskey } from "~/session/passkey";
import { withProof } from "~/session/proof";
import { useSession } from "~/session/session";

const MFA = ["auth", "mfa"];
const ACTIVITY = 10;
const SESSIONS = ["auth", "sessions"];

/** The caller's second factors. */
export function useMfa() {
  return useQuery(() => ({
    queryKey: MFA,
    queryFn: () => unwrap(api.GET("/api/auth/mfa")),
  }));
}

/** A change of second factors: proved where the server asks, then read anew. */
function useFactorChange<Input, Answer>(change: (input: Input) => Promise<Answer>) {
  const session = useSession();
  return useMutation(() => ({
    mutationFn: (input: Input) => withProof(() => change(input)),
    onSuccess: async () => {
      await queryClient.invalidateQueries({ queryKey: MFA });
      await queryClient.invalidateQueries({ queryKey: SESSIONS });
      session.setUser(await unwrap(api.GET("/api/auth/me")));
    },
  }));
}

/** Start with a new secret for an authenticator app. */
export function useTotpSetup() {
  return useMutation(() => ({
    mutationFn: () => withProof(() => unwrap(api.POST("/api/auth/mfa/totp/setup"))),
  }));
}

/** Enable the app that shows this code; the answer holds recovery codes, this once. */
export function useTotpEnable() {
  return useFactorChange((code: string) =>
    unwrap(api.POST("/api/auth/mfa/totp/enable", { body: { code } })),
  );
}

export function useTotpRemove() {
  return useFactorChange(() => unwrap(api.DELETE("/api/auth/mfa/totp")));
}

/** Make a passkey on this device; with the first second factor come recovery codes. */
export function usePasskeyAdd() {
  return useFactorChange(async (name: string) => {
    const made = await createPasskey();
    const body = { ...made, name };
    return unwrap(api.POST("/api/auth/mfa/webauthn/register/finish", { body }));
  });
}

export function usePasskeyRename() {
  return useFactorChange(({ id, name }: { id: string; name: string }) =>
    unwrap(
      api.PATCH("/api/auth/mfa/webauthn/credentials/{passkey_id}", {
        params: { path: { passkey_id: id } },
        body: { name },
      }),
    ),
  );
}

export function usePasskeyRemove() {
  return useFactorChange((id: string) =>
    unwrap(
      api.DELETE("/api/auth/mfa/webauthn/credentials/{passkey_id}", {
        params: { path: { passkey_id: id } },
      }),
    ),
  );
}

export function useRecoveryCodes() {
  return useFactorChange(() => unwrap(api.POST("/api/auth/mfa/recovery/regenerate")));
}

/** What happened to the caller's account, the newest first. */
export function useActivity() {
  return useInfiniteQuery(() => ({
    queryKey: ["auth", "audit"],
    queryFn: ({ pageParam }) =>
      unwrap(
        api.GET("/api/auth/audit", { params: { query: { limit: ACTIVITY, cursor: pageParam } } }),
      ),
    initialPageParam: "",
    getNextPageParam: (page) => page.next_cursor ?? undefined,
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
      withProof(() =>
        unwrap(
          api.DELETE("/api/auth/sessions/{session_id}", { params: { path: { session_id: id } } }),
        ),
      ),
    onSuccess: () => queryClient.invalidateQueries({ queryKey: SESSIONS }),
  }));
}
