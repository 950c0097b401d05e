import { createSignal, type JSX, Show } from "solid-js";
import { api, unwrap } from "~/api/client";
import { Problem } from "~/api/problem";
import { queryClient } from "~/api/query-client";
import { Button } from "~/components/Button/Button";
import { Card } from "~/components/Card/Card";
import { ErrorNotice } from "~/components/ErrorNotice/ErrorNotice";
import { Field, TextInput } from "~/components/Field/Field";
import { toast } from "~/components/toast/toast";
import { t } from "~/i18n/i18n";
import { useSession } from "~/session/session";
import { useMfa } from "./queries";
import styles from "./page.module.css";

/** Change the password, or set the first one: an account made by `axon demo` has none yet. */
export function PasswordCard(): JSX.Element {
  const session = useSession();
  const mfa = useMfa();
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
      session.setUser(await unwrap(api.GET("/api/auth/me")));
      await queryClient.invalidateQueries({ queryKey: ["auth"] });
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
          <Show when={mfa.data?.asks_password ?? session.user()?.has_password}>
            <Field label={t("profile.currentPassword")}>
              <TextInput
                type="password"
                autocomplete="current-password"
                required
                value={current()}
                onInput={(event) => setCurrent(event.currentTarget.value)}
              />
            </Field>
          </Show>
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
            {t(session.user()?.has_password ? "profile.changePassword" : "profile.setPassword")}
          </Button>
          <span class={styles.faint}>{t("profile.passwordEnds")}</span>
        </div>
      </form>
    </Card>
  );
}
