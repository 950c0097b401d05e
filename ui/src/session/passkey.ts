/** Passkeys: what the browser does between the server's options and the server's check. */
import { api, unwrap } from "~/api/client";
import type { Ceremony, PasskeyProof } from "~/api/types";

/** Where a browser makes passkeys: on HTTPS and on localhost, and speaking JSON (2024 on). */
export function canUsePasskeys(): boolean {
  return (
    typeof PublicKeyCredential !== "undefined" &&
    "parseRequestOptionsFromJSON" in PublicKeyCredential
  );
}

/** Whether the sign-in form can offer passkeys as it offers saved passwords. */
export async function canFillInPasskeys(): Promise<boolean> {
  return canUsePasskeys() && (await PublicKeyCredential.isConditionalMediationAvailable());
}

/** Make a passkey for who is signed in; asks the person's device. */
export async function createPasskey(): Promise<{ challenge_id: string; credential: object }> {
  const asked = await unwrap(api.POST("/api/auth/mfa/webauthn/register/start"));
  const publicKey = PublicKeyCredential.parseCreationOptionsFromJSON(
    asked.options as unknown as PublicKeyCredentialCreationOptionsJSON,
  );
  const made = await navigator.credentials.create({ publicKey });
  return answer(asked, made);
}

/**
 * Ask the device for a passkey: to finish a sign-in (`mfa_token`), to sign in, or, where somebody
 * is signed in, to prove that it is still them. `mediation: "conditional"` waits for the choice in
 * the form's own list.
 */
export async function provePasskey(
  how: {
    mfa_token?: string;
    mediation?: CredentialMediationRequirement;
    signal?: AbortSignal;
  } = {},
): Promise<PasskeyProof> {
  const { mfa_token, ...rest } = how;
  const body = mfa_token ? { mfa_token } : {};
  const asked = await unwrap(api.POST("/api/auth/mfa/webauthn/authenticate/start", { body }));
  const publicKey = PublicKeyCredential.parseRequestOptionsFromJSON(
    asked.options as unknown as PublicKeyCredentialRequestOptionsJSON,
  );
  return { ...body, ...answer(asked, await navigator.credentials.get({ publicKey, ...rest })) };
}

/** Whether the person closed the browser's dialog, or the page did: nothing to complain about. */
export function wasDismissed(error: unknown): boolean {
  return error instanceof DOMException && /^(NotAllowed|Abort)Error$/.test(error.name);
}

function answer(asked: Ceremony, credential: Credential | null) {
  const made = credential as PublicKeyCredential;
  return {
    challenge_id: asked.challenge_id,
    credential: made.toJSON() as unknown as Record<string, never>,
  };
}
