import { createSignal, type JSX } from "solid-js";
import { api, unwrap } from "~/api/client";
import { Button } from "~/components/Button/Button";
import { Card } from "~/components/Card/Card";
import { messageOf } from "~/components/ErrorNotice/ErrorNotice";
import { Field, TextInput } from "~/components/Field/Field";
import { toast } from "~/components/toast/toast";
import { t } from "~/i18n/i18n";
import { useSession } from "~/session/session";
import styles from "./page.module.css";

export function NameCard(): JSX.Element {
  const session = useSession();
  const [name, setName] = createSignal(session.user()?.name ?? "");
  const [isBusy, setIsBusy] = createSignal(false);
  const save = async (event: SubmitEvent): Promise<void> => {
    event.preventDefault();
    setIsBusy(true);
    try {
      session.setUser(await unwrap(api.PATCH("/api/auth/me", { body: { name: name().trim() } })));
      toast(t("profile.nameSaved"), { kind: "success" });
    } catch (error) {
      toast(messageOf(error), { kind: "error" });
    } finally {
      setIsBusy(false);
    }
  };
  return (
    <Card title={t("profile.you")}>
      <form class={styles.form} onSubmit={(event) => void save(event)}>
        <Field label={t("login.name")}>
          <TextInput
            name="name"
            autocomplete="name"
            required
            maxlength="128"
            value={name()}
            onInput={(event) => setName(event.currentTarget.value)}
          />
        </Field>
        <Field label={t("login.email")}>
          <TextInput type="email" value={session.user()?.email ?? ""} readonly />
        </Field>
        <div class={styles.foot}>
          <Button
            type="submit"
            busy={isBusy()}
            disabled={!name().trim() || name().trim() === session.user()?.name}
          >
            {t("profile.save")}
          </Button>
          <span class={styles.faint}>
            {t("profile.role")}: {session.user()?.role}
          </span>
        </div>
      </form>
    </Card>
  );
}
