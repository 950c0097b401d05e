import { createSignal, type JSX, Match, Show, Switch } from "solid-js";
import type { TotpSetup } from "~/api/types";
import { Button } from "~/components/Button/Button";
import { Card } from "~/components/Card/Card";
import { CopyField } from "~/components/CopyField/CopyField";
import { ErrorNotice } from "~/components/ErrorNotice/ErrorNotice";
import { Field, TextInput } from "~/components/Field/Field";
import { Modal } from "~/components/Modal/Modal";
import { Skeleton } from "~/components/Skeleton/Skeleton";
import { toast } from "~/components/toast/toast";
import { t } from "~/i18n/i18n";
import { useTotpEnable, useTotpRemove, useTotpSetup } from "./queries";
import styles from "./page.module.css";

const DIGITS = 6;

/** The authenticator app: on or off. */
export function TotpCard(props: {
  isOn: boolean;
  onCodes: (codes: readonly string[]) => void;
}): JSX.Element {
  const setup = useTotpSetup();
  const [isSettingUp, setIsSettingUp] = createSignal(false);
  const [isRemoving, setIsRemoving] = createSignal(false);
  const start = (): void => {
    setup.mutate(undefined, { onSuccess: () => setIsSettingUp(true) });
  };
  return (
    <Card title={t("totp.title")}>
      <div class={styles.form}>
        <p class={styles.faint}>{t(props.isOn ? "totp.onText" : "totp.offText")}</p>
        <Show when={setup.error && !isSettingUp()}>
          <ErrorNotice error={setup.error} />
        </Show>
        <div class={styles.foot}>
          <Show
            when={props.isOn}
            fallback={
              <Button busy={setup.isPending} onClick={start}>
                {t("totp.setUp")}
              </Button>
            }
          >
            <Button onClick={() => setIsRemoving(true)}>{t("totp.remove")}</Button>
          </Show>
        </div>
      </div>
      <Modal open={isSettingUp()} onClose={() => setIsSettingUp(false)} title={t("totp.setUp")}>
        <Switch fallback={<Skeleton height="20rem" />}>
          <Match when={setup.data}>
            {(secret) => (
              <SetupForm
                setup={secret()}
                onEnabled={(codes) => {
                  setIsSettingUp(false);
                  props.onCodes(codes);
                }}
              />
            )}
          </Match>
        </Switch>
      </Modal>
      <RemoveModal open={isRemoving()} onClose={() => setIsRemoving(false)} />
    </Card>
  );
}

/** Scan, type the code that the app shows, done. */
function SetupForm(props: {
  setup: TotpSetup;
  onEnabled: (codes: readonly string[]) => void;
}): JSX.Element {
  const enable = useTotpEnable();
  const [code, setCode] = createSignal("");
  const submit = (): void => {
    if (code().length !== DIGITS || enable.isPending) return;
    enable.mutate(code(), {
      onSuccess: (answer) => props.onEnabled(answer.recovery_codes),
      onError: () => setCode(""),
    });
  };
  const typed = (input: HTMLInputElement): void => {
    setCode(input.value.replaceAll(/\D/g, "").slice(0, DIGITS));
    input.value = code();
    submit();
  };
  return (
    <form
      class={styles.form}
      onSubmit={(event) => {
        event.preventDefault();
        submit();
      }}
    >
      <ol class={styles.steps}>
        <li>
          {t("totp.scan")}
          <img class={styles.qr} src={props.setup.qr_code} alt={t("totp.qr")} />
          <details>
            <summary>{t("totp.cannotScan")}</summary>
            <CopyField
              text={props.setup.secret.replaceAll(/(.{4})(?=.)/g, "$1 ")}
              label={t("totp.secret")}
            />
          </details>
        </li>
        <li>
          <Field label={t("totp.code")}>
            <TextInput
              name="code"
              inputmode="numeric"
              autocomplete="one-time-code"
              required
              autofocus
              value={code()}
              onInput={(event) => typed(event.currentTarget)}
            />
          </Field>
        </li>
      </ol>
      <Show when={enable.error}>
        <ErrorNotice error={enable.error} />
      </Show>
      <div class={styles.foot}>
        <Button
          type="submit"
          variant="primary"
          busy={enable.isPending}
          disabled={code().length !== DIGITS}
        >
          {t("totp.enable")}
        </Button>
        <span class={styles.faint}>{t("profile.passwordEnds")}</span>
      </div>
    </form>
  );
}

function RemoveModal(props: { open: boolean; onClose: () => void }): JSX.Element {
  const remove = useTotpRemove();
  const commit = (): void => {
    remove.mutate(undefined, {
      onSuccess: () => {
        toast(t("totp.removed"), { kind: "success" });
        props.onClose();
      },
    });
  };
  return (
    <Modal
      open={props.open}
      onClose={props.onClose}
      title={t("totp.remove")}
      actions={
        <>
          <Button variant="ghost" onClick={props.onClose}>
            {t("tokens.cancel")}
          </Button>
          <Button variant="danger" busy={remove.isPending} onClick={commit}>
            {t("totp.remove")}
          </Button>
        </>
      }
    >
      <p>{t("totp.removeText")}</p>
      <Show when={remove.error}>
        <ErrorNotice error={remove.error} />
      </Show>
    </Modal>
  );
}
