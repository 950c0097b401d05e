import { A, Navigate, useNavigate, useSearchParams } from "@solidjs/router";
import KeyRound from "lucide-solid/icons/key-round";
import {
  createEffect,
  createSignal,
  type JSX,
  Match,
  onCleanup,
  onMount,
  Show,
  Switch,
} from "solid-js";
import type { MfaRequired } from "~/api/types";
import { Button } from "~/components/Button/Button";
import { Field, TextInput } from "~/components/Field/Field";
import { t } from "~/i18n/i18n";
import { canUsePasskeys, provePasskey, wasDismissed } from "~/session/passkey";
import { useSession } from "~/session/session";
import { Gate } from "../Gate";
import { safePath } from "../login/page";
import { SubmitProblem, useSubmit } from "../submit";
import styles from "../login/page.module.css";

const DIGITS = 6;
type Method = MfaRequired["methods"][number];

/** The second step of a sign-in: a passkey, a code of the app, or a recovery code. */
export default function MfaPage(): JSX.Element {
  const session = useSession();
  const navigate = useNavigate();
  const [search] = useSearchParams();
  const [wasPending] = createSignal(session.pending() !== null);
  createEffect(() => {
    if (session.state() === "signed-in") navigate(safePath(search["to"]), { replace: true });
  });
  return (
    <Gate title={t("login.mfa")}>
      <Show
        when={session.pending()}
        fallback={
          <Show when={wasPending()} fallback={<Navigate href="/login" />}>
            <p role="status">{t("mfa.done")}</p>
          </Show>
        }
      >
        {(pending) => <SecondStep pending={pending()} />}
      </Show>
    </Gate>
  );
}

function SecondStep(props: { pending: MfaRequired }): JSX.Element {
  const session = useSession();
  const usable = (): Method[] =>
    props.pending.methods.filter((method) => method !== "webauthn" || canUsePasskeys());
  const [method, setMethod] = createSignal<Method>(usable()[0] ?? "recovery");
  return (
    <>
      <h1>{t("login.mfa")}</h1>
      <Switch>
        <Match when={method() === "webauthn"}>
          <PasskeyStep token={props.pending.mfa_token} />
        </Match>
        <Match when={method() === "totp"}>
          <CodeStep />
        </Match>
        <Match when={method() === "recovery"}>
          <RecoveryStep />
        </Match>
      </Switch>
      <p class={styles.others}>
        {usable()
          .filter((other) => other !== method())
          .map((other) => (
            <Button variant="ghost" onClick={() => setMethod(other)}>
              {t(`mfa.use.${other}`)}
            </Button>
          ))}
        <A href="/login" onClick={() => session.cancel()}>
          {t("mfa.back")}
        </A>
      </p>
    </>
  );
}

function PasskeyStep(props: { token: string }): JSX.Element {
  const session = useSession();
  // Another way may be chosen while the browser's dialog is open; one left open would refuse the next.
  const gone = new AbortController();
  onCleanup(() => gone.abort());
  const form = useSubmit(async () => {
    try {
      const proof = await provePasskey({ mfa_token: props.token, signal: gone.signal });
      await session.signInByPasskey(proof);
    } catch (error) {
      if (!wasDismissed(error)) throw error;
    }
  });
  // Browsers show their dialog on a page's own wish as well; where one refuses, the button is there.
  onMount(() => form.submit());
  return (
    <form class={styles.form} onSubmit={form.onSubmit}>
      <p class={styles.sub}>{t("mfa.passkeyText")}</p>
      <SubmitProblem form={form} />
      <Button
        type="submit"
        variant="primary"
        size="large"
        icon={<KeyRound size={18} />}
        busy={form.isBusy()}
      >
        {t("mfa.use.webauthn")}
      </Button>
    </form>
  );
}

function CodeStep(): JSX.Element {
  const session = useSession();
  const [code, setCode] = createSignal("");
  const form = useSubmit(async () => {
    try {
      await session.finishByCode(code());
    } catch (error) {
      setCode("");
      throw error;
    }
  });
  const typed = (text: string): void => {
    setCode(text.replaceAll(/\D/g, "").slice(0, DIGITS));
    if (code().length === DIGITS) form.submit();
  };
  return (
    <form class={styles.form} onSubmit={form.onSubmit}>
      <Field label={t("mfa.code")} hint={t("mfa.codeHint")}>
        <TextInput
          class={styles.code}
          name="code"
          inputmode="numeric"
          autocomplete="one-time-code"
          required
          autofocus
          value={code()}
          onInput={(event) => {
            typed(event.currentTarget.value);
            event.currentTarget.value = code();
          }}
        />
      </Field>
      <SubmitProblem form={form} />
      <Continue form={form} ready={code().length === DIGITS} />
    </form>
  );
}

function RecoveryStep(): JSX.Element {
  const session = useSession();
  const [code, setCode] = createSignal("");
  const form = useSubmit(() => session.finishByRecoveryCode(code().trim()));
  return (
    <form class={styles.form} onSubmit={form.onSubmit}>
      <Field label={t("mfa.recovery")} hint={t("mfa.recoveryHint")}>
        <TextInput
          name="recovery-code"
          autocomplete="off"
          autocapitalize="none"
          spellcheck={false}
          maxlength="64"
          required
          autofocus
          value={code()}
          onInput={(event) => setCode(event.currentTarget.value)}
        />
      </Field>
      <SubmitProblem form={form} />
      <Continue form={form} ready={code().trim() !== ""} />
    </form>
  );
}

function Continue(props: { form: ReturnType<typeof useSubmit>; ready: boolean }): JSX.Element {
  return (
    <Button
      type="submit"
      variant="primary"
      size="large"
      busy={props.form.isBusy()}
      disabled={!props.ready || props.form.waitS() > 0}
    >
      <Show when={props.form.waitS() > 0} fallback={t("mfa.continue")}>
        {t("login.wait", { seconds: props.form.waitS() })}
      </Show>
    </Button>
  );
}
