import { createSignal, type JSX, Show } from "solid-js";
import { api, unwrap } from "~/api/client";
import { Problem } from "~/api/problem";
import { Button } from "~/components/Button/Button";
import { Card } from "~/components/Card/Card";
import { ErrorNotice } from "~/components/ErrorNotice/ErrorNotice";
import { Field, TextInput } from "~/components/Field/Field";
import { toast } from "~/components/toast/toast";
import { t } from "~/i18n/i18n";
import styles from "./page.module.css";

/** Change the password. An account made by `axon demo` has none yet: then the first field stays empty. */
export function PasswordCard(): JSX.Element {
  const [current, setCurrent] = createSignal("");
  const [next, setNext] = createSignal("");
  const [error, setError] = createSignal<unknown>();
  const [isBusy, setIsBusy] = createSignal(false);
  const fieldError = (): string | undefined => {
    const caught = error();
    return caught instanceof Problem ? caught.fieldMessage("new") : undefined;
  };
  const change = async (event: SubmitEvent): Promise<void> => {
    event.preventDefault();
    setIsBusy(true);
    setError(undefined);
    try {
      const body = { new: next(), ...(current() ? { current: current() } : {}) };
      await unwrap(api.POST("/api/auth/password", { body }));
      setCurrent("");
      setNext("");
      toast(t("profile.passwordChanged"), { kind: "success" });
    } catch (caught) {
      setError(() => caught);
    } finally {
      setIsBusy(false);
    }
  };
  return (
    <Card title={t("login.password")}>
      <form class={styles.form} onSubmit={(event) => void change(event)}>
        <div class={styles.pair}>
          <Field label={t("profile.currentPassword")} hint={t("profile.currentPasswordHint")}>
            <TextInput
              type="password"
              autocomplete="current-password"
              value={current()}
              onInput={(event) => setCurrent(event.currentTarget.value)}
            />
          </Field>
          <Field
            label={t("profile.newPassword")}
            hint={t("login.passwordHint")}
            error={fieldError()}
          >
            <TextInput
              type="password"
              autocomplete="new-password"
              required
              minlength="8"
              value={next()}
              onInput={(event) => setNext(event.currentTarget.value)}
            />
          </Field>
        </div>
        <Show when={error() && !fieldError()}>
          <ErrorNotice error={error()} />
        </Show>
        <div class={styles.foot}>
          <Button type="submit" busy={isBusy()} disabled={next().length < 8}>
            {t("profile.changePassword")}
          </Button>
        </div>
      </form>
    </Card>
  );
}
