import KeyRound from "lucide-solid/icons/key-round";
import { createSignal, type JSX, onCleanup, onMount, Show } from "solid-js";
import { Button } from "~/components/Button/Button";
import { Field, TextInput } from "~/components/Field/Field";
import { t } from "~/i18n/i18n";
import { canFillInPasskeys, canUsePasskeys, provePasskey, wasDismissed } from "~/session/passkey";
import { useSession } from "~/session/session";
import { type Submit, SubmitProblem, useSubmit } from "../submit";
import styles from "./page.module.css";

/** E-mail and password. */
export function SignInForm(): JSX.Element {
  const session = useSession();
  const [email, setEmail] = createSignal("");
  const [password, setPassword] = createSignal("");
  const form = useSubmit(() => session.signIn(email().trim(), password()));
  const passkey = usePasskeySignIn();
  return (
    <form class={styles.form} onSubmit={form.onSubmit}>
      <Field label={t("login.email")}>
        <TextInput
          type="email"
          name="email"
          autocomplete="username webauthn"
          required
          autofocus
          value={email()}
          onInput={(event) => setEmail(event.currentTarget.value)}
        />
      </Field>
      <Field label={t("login.password")}>
        <TextInput
          type="password"
          name="password"
          autocomplete="current-password"
          required
          value={password()}
          onInput={(event) => setPassword(event.currentTarget.value)}
        />
      </Field>
      <SubmitProblem form={form} />
      <Button
        type="submit"
        variant="primary"
        size="large"
        busy={form.isBusy()}
        disabled={form.waitS() > 0}
      >
        <Show when={form.waitS() > 0} fallback={t("login.signIn")}>
          {t("login.wait", { seconds: form.waitS() })}
        </Show>
      </Button>
      <Show when={canUsePasskeys()}>
        <Button
          size="large"
          icon={<KeyRound size={18} />}
          busy={passkey.isBusy()}
          onClick={passkey.submit}
        >
          {t("login.passkey")}
        </Button>
        <SubmitProblem form={passkey} />
      </Show>
    </form>
  );
}

/** A sign-in by passkey: chosen in the browser's list of the e-mail field, or by the button. */
function usePasskeySignIn(): Submit {
  const session = useSession();
  let offered = new AbortController();
  let isGone = false;
  onCleanup(() => {
    isGone = true;
    offered.abort();
  });

  const signIn = async (mediation: CredentialMediationRequirement): Promise<void> => {
    // Only one question can be open: the button's replaces the list's.
    offered.abort();
    const own = new AbortController();
    offered = own;
    try {
      const proof = await provePasskey({ mediation, signal: own.signal });
      await session.signInByPasskey(proof);
    } catch (error) {
      if (!wasDismissed(error)) throw error;
    }
  };
  /** Nobody asked for the list: what fails there is told when somebody does. */
  const offer = async (): Promise<void> => {
    const before = offered;
    if (!(await canFillInPasskeys()) || isGone || offered !== before) return;
    await signIn("conditional").catch(() => undefined);
  };
  onMount(() => void offer());
  return useSubmit(async () => {
    try {
      await signIn("optional");
    } finally {
      if (session.state() !== "signed-in") void offer();
    }
  });
}
