import { useInfiniteQuery, useMutation, useQuery } from "@tanstack/solid-query";
import { api, unwrap } from "~/api/client";
import { queryClient } from "~/api/query-client";
import type { NewInvite, NewUser, UserChange } from "~/api/types";
import { withProof } from "~/session/proof";

const USERS = ["admin", "users"];
const INVITES = ["admin", "invites"];
const SESSIONS = ["admin", "sessions"];
const AUDIT = ["admin", "audit"];

/** The accounts whose name or e-mail address has `words`, a page at a time. */
export function useUsers(words: () => string) {
  return useInfiniteQuery(() => ({
    queryKey: [...USERS, words()],
    queryFn: ({ pageParam }) =>
      unwrap(api.GET("/api/admin/users", { params: { query: { q: words(), cursor: pageParam } } })),
    initialPageParam: "",
    getNextPageParam: (page) => page.next_cursor ?? undefined,
    placeholderData: (before) => before,
  }));
}

/** What an admin does with accounts: proved where the server asks, then read anew. */
function useAdminChange<Input, Answer>(
  keys: readonly string[][],
  change: (input: Input) => Promise<Answer>,
) {
  return useMutation(() => ({
    mutationFn: (input: Input) => withProof(() => change(input)),
    onSuccess: async () => {
      for (const queryKey of [...keys, AUDIT]) {
        await queryClient.invalidateQueries({ queryKey });
      }
    },
  }));
}

export function useCreateUser() {
  return useAdminChange([USERS], (body: NewUser) => unwrap(api.POST("/api/admin/users", { body })));
}

export function useUpdateUser() {
  return useAdminChange([USERS, SESSIONS], ({ id, ...body }: UserChange & { id: string }) =>
    unwrap(api.PUT("/api/admin/users/{user_id}", { params: { path: { user_id: id } }, body })),
  );
}

export function useDeleteUser() {
  return useAdminChange([USERS, SESSIONS], (id: string) =>
    unwrap(api.DELETE("/api/admin/users/{user_id}", { params: { path: { user_id: id } } })),
  );
}

export function useResetMfa() {
  return useAdminChange([USERS, SESSIONS], (id: string) =>
    unwrap(api.POST("/api/admin/users/{user_id}/reset-mfa", { params: { path: { user_id: id } } })),
  );
}

export function useSignOutUser() {
  return useAdminChange([USERS, SESSIONS], (id: string) =>
    unwrap(api.POST("/api/admin/users/{user_id}/sign-out", { params: { path: { user_id: id } } })),
  );
}

export function useUserLink() {
  return useAdminChange([], (id: string) =>
    unwrap(api.POST("/api/admin/users/{user_id}/link", { params: { path: { user_id: id } } })),
  );
}

export function useInvites() {
  return useQuery(() => ({
    queryKey: INVITES,
    queryFn: () => unwrap(api.GET("/api/admin/invites")),
  }));
}

export function useCreateInvite() {
  return useAdminChange([INVITES], (body: NewInvite) =>
    unwrap(api.POST("/api/admin/invites", { body })),
  );
}

export function useWithdrawInvite() {
  return useAdminChange([INVITES], (id: string) =>
    unwrap(api.DELETE("/api/admin/invites/{invite_id}", { params: { path: { invite_id: id } } })),
  );
}

export function useAllSessions() {
  return useInfiniteQuery(() => ({
    queryKey: SESSIONS,
    queryFn: ({ pageParam }) =>
      unwrap(api.GET("/api/admin/sessions", { params: { query: { cursor: pageParam } } })),
    initialPageParam: "",
    getNextPageParam: (page) => page.next_cursor ?? undefined,
  }));
}

export function useEndAnySession() {
  return useAdminChange([SESSIONS], (id: string) =>
    unwrap(
      api.DELETE("/api/admin/sessions/{session_id}", { params: { path: { session_id: id } } }),
    ),
  );
}

/** What happened, the newest first; of one kind where `action` says so. */
export function useAudit(action: () => string) {
  return useInfiniteQuery(() => ({
    queryKey: [...AUDIT, action()],
    queryFn: ({ pageParam }) =>
      unwrap(
        api.GET("/api/admin/audit", {
          params: { query: { action: action(), cursor: pageParam } },
        }),
      ),
    initialPageParam: "",
    getNextPageParam: (page) => page.next_cursor ?? undefined,
  }));
}

export function useLimits() {
  return useQuery(() => ({
    queryKey: ["admin", "limits"],
    queryFn: () => unwrap(api.GET("/api/admin/limits")),
  }));
}
