import { createSignal, For, type JSX, Show } from "solid-js";
import type { Scope } from "~/api/types";
import { Button } from "~/components/Button/Button";
import { CodeBlock, CopyField } from "~/components/CopyField/CopyField";
import { ErrorNotice } from "~/components/ErrorNotice/ErrorNotice";
import { Field, Select, TextInput } from "~/components/Field/Field";
import { Modal } from "~/components/Modal/Modal";
import { t } from "~/i18n/i18n";
import styles from "./page.module.css";
import { useCreateToken } from "./queries";

const SCOPES: readonly Scope[] = ["read", "runs:write", "models:write", "predict"];
const DAYS: readonly number[] = [7, 30, 90, 365];
const DEFAULT_DAYS = 90;

/** Make a token; then show its secret, which nobody can show again. */
export function NewTokenModal(props: { open: boolean; onClose: () => void }): JSX.Element {
  const create = useCreateToken();
  const [name, setName] = createSignal("");
  const [days, setDays] = createSignal(DEFAULT_DAYS);
  const [scopes, setScopes] = createSignal<readonly Scope[]>(["read", "runs:write"]);

  const close = (): void => {
    create.reset();
    setName("");
    props.onClose();
  };
  const toggle = (scope: Scope): void => {
    setScopes((all) =>
      all.includes(scope) ? all.filter((one) => one !== scope) : [...all, scope],
    );
  };
  const submit = (event: SubmitEvent): void => {
    event.preventDefault();
    create.mutate({ name: name().trim(), scopes: [...scopes()], expires_in_days: days() });
  };

  return (
    <Modal
      open={props.open}
      onClose={close}
      title={create.data ? t("tokens.made") : t("tokens.new")}
    >
      <Show
        when={create.data}
        fallback={
          <form class={styles.form} onSubmit={submit}>
            <Field label={t("login.name")} hint={t("tokens.nameHint")}>
              <TextInput
                required
                autofocus
                maxlength="128"
                value={name()}
                onInput={(event) => setName(event.currentTarget.value)}
              />
            </Field>
            <fieldset class={styles.choices}>
              <legend>{t("tokens.scopes")}</legend>
              <For each={SCOPES}>
                {(scope) => (
                  <label class={styles.choice}>
                    <input
                      type="checkbox"
                      checked={scopes().includes(scope)}
                      onChange={() => toggle(scope)}
                    />
                    <code>{scope}</code>
                    <span class={styles.faint}>{t(`tokens.scope.${scope}`)}</span>
                  </label>
                )}
              </For>
            </fieldset>
            <Field label={t("tokens.expires")}>
              <Select onChange={(event) => setDays(Number(event.currentTarget.value))}>
                <For each={DAYS}>
                  {(count) => (
                    <option value={count} selected={count === days()}>
                      {t("tokens.days", { count })}
                    </option>
                  )}
                </For>
              </Select>
            </Field>
            <Show when={create.error}>
              <ErrorNotice error={create.error} />
            </Show>
            <div class={styles.foot}>
              <Button
                type="submit"
                variant="primary"
                busy={create.isPending}
                disabled={scopes().length === 0}
              >
                {t("tokens.make")}
              </Button>
              <Button variant="ghost" onClick={close}>
                {t("tokens.cancel")}
              </Button>
            </div>
          </form>
        }
      >
        {(made) => (
          <>
            <p>{t("tokens.once")}</p>
            <CopyField text={made().token} label={t("tokens.copyLabel")} />
            <CodeBlock text={`export AXON_TOKEN=${made().token}`} language="shell" />
            <div class={styles.foot}>
              <Button variant="primary" onClick={close}>
                {t("tokens.done")}
              </Button>
            </div>
          </>
        )}
      </Show>
    </Modal>
  );
}
