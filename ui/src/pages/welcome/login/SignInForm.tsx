import { createSignal, type JSX, Show } from "solid-js";
import { Button } from "~/components/Button/Button";
import { Field, TextInput } from "~/components/Field/Field";
import { t } from "~/i18n/i18n";
import { useSession } from "~/session/session";
import { SubmitProblem, useSubmit } from "./submit";
import styles from "./page.module.css";

/** E-mail and password. */
export function SignInForm(): JSX.Element {
  const session = useSession();
  const [email, setEmail] = createSignal("");
  const [password, setPassword] = createSignal("");
  const form = useSubmit(() => session.signIn(email().trim(), password()));
  return (
    <form class={styles.form} onSubmit={form.onSubmit}>
      <Field label={t("login.email")}>
        <TextInput
          type="email"
          name="email"
          autocomplete="username"
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
    </form>
  );
}
