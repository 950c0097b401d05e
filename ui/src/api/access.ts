/**
 * The access token: in memory only, renewed by the refresh cookie that scripts cannot read.
 * Whoever finds it stale calls `renew`; many callers at once share one request.
 */
import { apiUrl } from "./base";
import { type Problem, problemOf, unreachable } from "./problem";
import type { SignedIn } from "./types";

type Listener = (signedIn: SignedIn | null) => void;

/** How long before its end a token counts as stale, so that no call starts with a dying one. */
const MARGIN_MS = 20_000;

let current: SignedIn | null = null;
let renewing: Promise<SignedIn | Problem> | null = null;
const listeners = new Set<Listener>();

/** The token to send now, or null. */
export function accessToken(): string | null {
  return current?.token ?? null;
}

/** A token that lasts a while yet, renewed where needed; null when nobody is signed in. */
export async function freshToken(): Promise<string | null> {
  if (!current) return null;
  if (Date.parse(current.expires_at) - Date.now() > MARGIN_MS) return current.token;
  await renew();
  return accessToken();
}

/** Take over a sign-in, or forget it with null; tells everyone who listens. */
export function setAccess(next: SignedIn | null): void {
  current = next;
  for (const listener of listeners) listener(next);
}

/** Take over the token that a fresh proof gave; the one before is void. */
export function replaceToken(next: { token: string; expires_at: string }): void {
  if (current) setAccess({ ...current, token: next.token, expires_at: next.expires_at });
}

/** Call `listener` at each sign-in, renewal and sign-out; returns how to stop. */
export function onAccess(listener: Listener): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

/** Renew the token by the cookie. A refusal (401, 403) signs out; a server that is away does not. */
export function renew(): Promise<SignedIn | Problem> {
  renewing ??= requestRenewal().finally(() => {
    renewing = null;
  });
  return renewing;
}

async function requestRenewal(): Promise<SignedIn | Problem> {
  let response: Response;
  try {
    response = await fetch(apiUrl("/api/auth/refresh"), {
      method: "POST",
      credentials: "include",
      headers: { "content-type": "application/json" },
      body: "{}",
    });
  } catch {
    return unreachable();
  }
  if (!response.ok) {
    const problem = await problemOf(response);
    if (problem.status === 401 || problem.status === 403) setAccess(null);
    return problem;
  }
  const signedIn = (await response.json()) as SignedIn;
  setAccess(signedIn);
  return signedIn;
}
