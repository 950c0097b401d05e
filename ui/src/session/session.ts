/** Who is signed in. One session per page; the token itself lives in `api/access`. */
import { createRoot, createSignal } from "solid-js";
import { accessToken, onAccess, renew, setAccess } from "~/api/access";
import { api, unwrap } from "~/api/client";
import { Problem } from "~/api/problem";
import { queryClient } from "~/api/query-client";
import type { MfaRequired, PasskeyProof, SignedIn, User } from "~/api/types";

/** `unknown` until the server has said whether the cookie is good. */
export type SessionState = "unknown" | "signed-in" | "signed-out";

export interface Session {
  user: () => User | null;
  state: () => SessionState;
  token: () => string | null;
  /** Find out whether this browser is signed in; asks again while the server is away. */
  resume: () => Promise<void>;
  signIn: (email: string, password: string) => Promise<void>;
  signInByLink: (linkToken: string) => Promise<void>;
  /** With a passkey alone, or, with a pending sign-in, as its second step. */
  signInByPasskey: (proof: PasskeyProof) => Promise<void>;
  /** The second step that a sign-in waits for. */
  pending: () => MfaRequired | null;
  finishByCode: (code: string) => Promise<void>;
  finishByRecoveryCode: (code: string) => Promise<void>;
  /** Give the pending sign-in up. */
  cancel: () => void;
  register: (account: NewAccount) => Promise<void>;
  signOut: () => Promise<void>;
  /** Take over a changed profile. */
  setUser: (user: User) => void;
}

export interface NewAccount {
  email: string;
  name: string;
  password: string;
  setup_token?: string | null;
  invite?: string | null;
}

/** Remembers that a cookie may be there, so that a first visit asks for nothing in vain. */
const HINT = "axonml.signed_in";
const ASK_AGAIN_MS = 2_000;

function hint(): boolean {
  try {
    return localStorage.getItem(HINT) !== null;
  } catch {
    return true;
  }
}

function setHint(isSignedIn: boolean): void {
  try {
    if (isSignedIn) localStorage.setItem(HINT, "1");
    else localStorage.removeItem(HINT);
  } catch {
    // Storage may be forbidden; then every start asks.
  }
}

/** What stays in the browser after signing out: how it looks, and nothing of what was seen. */
const OF_THE_BROWSER = new Set(["axonml.theme", "axonml.locale"]);

function forgetWork(): void {
  try {
    const ours = Object.keys(localStorage).filter((key) => key.startsWith("axonml."));
    for (const key of ours) if (!OF_THE_BROWSER.has(key)) localStorage.removeItem(key);
  } catch {
    // Storage is forbidden: nothing was kept.
  }
}

function createSession(): Session {
  const [user, setUser] = createSignal<User | null>(null);
  const [state, setState] = createSignal<SessionState>("unknown");
  const [pending, setPending] = createSignal<MfaRequired | null>(null);

  onAccess((signedIn) => {
    const before = user();
    // Another person at the same browser must not see what the first one loaded.
    if (before && before.id !== signedIn?.user.id) queryClient.clear();
    setUser(signedIn?.user ?? null);
    setState(signedIn ? "signed-in" : "signed-out");
    setHint(signedIn !== null);
    setPending(null);
  });

  function take(answer: SignedIn | MfaRequired): void {
    if ("requires_mfa" in answer) setPending(answer);
    else setAccess(answer);
  }

  const pendingToken = (): string => pending()?.mfa_token ?? "";

  async function resume(): Promise<void> {
    if (!hint()) {
      setState("signed-out");
      return;
    }
    for (;;) {
      const result = await renew();
      if (!(result instanceof Problem)) return;
      if (result.status === 401 || result.status === 403) return;
      await new Promise((done) => setTimeout(done, ASK_AGAIN_MS));
    }
  }

  async function signIn(email: string, password: string): Promise<void> {
    take(await unwrap(api.POST("/api/auth/login", { body: { email, password } })));
  }

  async function finishByCode(code: string): Promise<void> {
    const body = { mfa_token: pendingToken(), code };
    const answer = await unwrap(api.POST("/api/auth/mfa/totp/verify", { body }));
    if ("token" in answer) setAccess(answer);
  }

  async function finishByRecoveryCode(code: string): Promise<void> {
    const body = { mfa_token: pendingToken(), code };
    setAccess(await unwrap(api.POST("/api/auth/mfa/recovery", { body })));
  }

  async function signInByPasskey(proof: PasskeyProof): Promise<void> {
    const path = "/api/auth/mfa/webauthn/authenticate/finish";
    setAccess(await unwrap(api.POST(path, { body: proof })));
  }

  async function signInByLink(linkToken: string): Promise<void> {
    take(await unwrap(api.POST("/api/auth/link", { body: { token: linkToken } })));
  }

  async function register(account: NewAccount): Promise<void> {
    await unwrap(api.POST("/api/auth/register", { body: account }));
    await signIn(account.email, account.password);
  }

  async function signOut(): Promise<void> {
    try {
      await unwrap(api.POST("/api/auth/logout"));
    } finally {
      setAccess(null);
      forgetWork();
    }
  }

  return {
    user,
    state,
    token: accessToken,
    resume,
    signIn,
    signInByLink,
    signInByPasskey,
    pending,
    finishByCode,
    finishByRecoveryCode,
    cancel: () => setPending(null),
    register,
    signOut,
    setUser,
  };
}

const session = createRoot(createSession);

/** The session of this page. */
export function useSession(): Session {
  return session;
}
