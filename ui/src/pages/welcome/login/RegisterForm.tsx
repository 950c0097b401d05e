import { createSignal, type JSX, Show } from "solid-js";
import type { InviteStatus } from "~/api/types";
import { Button } from "~/components/Button/Button";
import { Field, TextInput } from "~/components/Field/Field";
import { t } from "~/i18n/i18n";
import { useSession } from "~/session/session";
import { SubmitProblem, useSubmit } from "../submit";
import styles from "./page.module.css";

const ADVISED_LENGTH = 15;
const LEAST_LENGTH = 8;

/** An invitation's link: its token, and what the server tells of it. */
export type Invitation = InviteStatus & { token: string };

/** A new account; the first one of a server is its administrator. */
export function RegisterForm(props: {
  needsSetupToken: boolean;
  invitation?: Invitation | undefined;
}): JSX.Element {
  const session = useSession();
  const [email, setEmail] = createSignal(props.invitation?.email ?? "");
  const [name, setName] = createSignal("");
  const [password, setPassword] = createSignal("");
  const [setupToken, setSetupToken] = createSignal("");
  const form = useSubmit(() =>
    session.register({
      email: email().trim(),
      name: name().trim(),
      password: password(),
      ...(props.needsSetupToken ? { setup_token: setupToken().trim() } : {}),
      ...(props.invitation ? { invite: props.invitation.token } : {}),
    }),
  );
  return (
    <form class={styles.form} onSubmit={form.onSubmit}>
      <Field label={t("login.name")} error={form.fieldMessage("name")}>
        <TextInput
          name="name"
          autocomplete="name"
          required
          maxlength="128"
          value={name()}
          onInput={(event) => setName(event.currentTarget.value)}
        />
      </Field>
      <Field label={t("login.email")} error={form.fieldMessage("email")}>
        <TextInput
          type="email"
          name="email"
          autocomplete="username"
          required
          readonly={Boolean(props.invitation?.email)}
          value={email()}
          onInput={(event) => setEmail(event.currentTarget.value)}
        />
      </Field>
      <Field
        label={t("login.password")}
        error={form.fieldMessage("password")}
        hint={<PasswordHint length={password().length} />}
      >
        <TextInput
          type="password"
          name="password"
          autocomplete="new-password"
          required
          minlength={LEAST_LENGTH}
          value={password()}
          onInput={(event) => setPassword(event.currentTarget.value)}
        />
      </Field>
      <Show when={props.needsSetupToken}>
        <Field label={t("login.setupToken")} hint={t("login.setupTokenHint")}>
          <TextInput
            name="setup-token"
            autocomplete="one-time-code"
            required
            value={setupToken()}
            onInput={(event) => setSetupToken(event.currentTarget.value)}
          />
        </Field>
      </Show>
      <SubmitProblem form={form} />
      <Button
        type="submit"
        variant="primary"
        size="large"
        busy={form.isBusy()}
        disabled={form.waitS() > 0}
      >
        <Show when={form.waitS() > 0} fallback={t("login.create")}>
          {t("login.wait", { seconds: form.waitS() })}
        </Show>
      </Button>
    </form>
  );
}

function PasswordHint(props: { length: number }): JSX.Element {
  return (
    <Show
      when={props.length > 0 && props.length < ADVISED_LENGTH}
      fallback={t("login.passwordHint")}
    >
      {t("login.passwordLength", { length: props.length, advised: ADVISED_LENGTH })}
    </Show>
  );
}
