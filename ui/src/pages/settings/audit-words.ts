import type { AuditEvent } from "~/api/types";

const NAMES: Record<string, string> = {
  signed_in: "Signed in",
  sign_in_failed: "Sign-in failed",
  signed_out: "Signed out by an administrator",
  registered: "Registered",
  operator_granted: "Operator signed in",
  password_changed: "Password changed",
  mfa_failed: "Second factor failed",
  mfa_reset: "Second factors reset",
  mfa_turned_off: "Second factors turned off",
  totp_enabled: "Authenticator app set up",
  totp_removed: "Authenticator app removed",
  passkey_added: "Passkey added",
  passkey_removed: "Passkey removed",
  passkey_counter_stepped_back: "Copied passkey refused",
  recovery_code_used: "Recovery code used",
  recovery_codes_made: "Recovery codes made",
  refresh_token_reused: "Stolen session ended",
  token_created: "API token made",
  token_revoked: "API token revoked",
  user_created: "Account made",
  user_changed: "Account changed",
  user_deleted: "Account deleted",
  link_made: "Sign-in link made",
  invited: "Invited",
  invitation_withdrawn: "Invitation withdrawn",
  run_deleted: "Run deleted",
  runs_changed: "Runs changed in bulk",
  model_deleted: "Model deleted",
  version_deleted: "Model version deleted",
  version_deployed: "Model version deployed",
  endpoint_created: "Endpoint made",
  endpoint_changed: "Endpoint changed",
  endpoint_deleted: "Endpoint deleted",
};

/** Every kind of event, in the order of the list. */
export const KINDS: readonly string[] = Object.keys(NAMES);

/** An action in words; one that this page does not know as it is stored. */
export function nameOf(action: string): string {
  return NAMES[action] ?? action.replaceAll("_", " ");
}

/** What else an event tells: "role viewer · passkey My laptop". */
export function detailOf(event: AuditEvent): string {
  return Object.entries(event.detail)
    .filter(([, value]) => value !== null && value !== "")
    .map(([key, value]) => `${key.replaceAll("_", " ")} ${String(value)}`)
    .join(" · ");
}
