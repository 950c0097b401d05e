import Fingerprint from "lucide-solid/icons/fingerprint-pattern";
import Plus from "lucide-solid/icons/plus";
import { createSignal, For, type JSX, Show } from "solid-js";
import type { Passkey } from "~/api/types";
import { Button } from "~/components/Button/Button";
import { Card } from "~/components/Card/Card";
import { EmptyState } from "~/components/EmptyState/EmptyState";
import { ErrorNotice } from "~/components/ErrorNotice/ErrorNotice";
import { Field, TextInput } from "~/components/Field/Field";
import { Modal } from "~/components/Modal/Modal";
import { Table } from "~/components/Table/Table";
import { Time } from "~/components/Time/Time";
import { toast } from "~/components/toast/toast";
import { t } from "~/i18n/i18n";
import { canUsePasskeys, wasDismissed } from "~/session/passkey";
import { deviceName } from "../device-name";
import { usePasskeyAdd, usePasskeyRemove, usePasskeyRename } from "./queries";
import styles from "./page.module.css";

/** Passkeys and security keys: sign in by them alone, or after the password. */
export function PasskeysCard(props: {
  passkeys: Passkey[];
  onCodes: (codes: readonly string[]) => void;
}): JSX.Element {
  const [isAdding, setIsAdding] = createSignal(false);
  const [renamed, setRenamed] = createSignal<Passkey | null>(null);
  const [doomed, setDoomed] = createSignal<Passkey | null>(null);
  return (
    <Card
      title={t("passkeys.title")}
      flush
      actions={
        <Show when={canUsePasskeys()}>
          <Button size="small" icon={<Plus size={14} />} onClick={() => setIsAdding(true)}>
            {t("passkeys.add")}
          </Button>
        </Show>
      }
    >
      <Show
        when={props.passkeys.length > 0}
        fallback={
          <EmptyState title={t("passkeys.none")} icon={<Fingerprint size={22} />}>
            {t(canUsePasskeys() ? "passkeys.noneText" : "passkeys.notHere")}
          </EmptyState>
        }
      >
        <PasskeyTable passkeys={props.passkeys} onRename={setRenamed} onRemove={setDoomed} />
      </Show>
      <AddModal open={isAdding()} onClose={() => setIsAdding(false)} onCodes={props.onCodes} />
      <RenameModal passkey={renamed()} onClose={() => setRenamed(null)} />
      <RemoveModal
        passkey={doomed()}
        isLast={props.passkeys.length === 1}
        onClose={() => setDoomed(null)}
      />
    </Card>
  );
}

function PasskeyTable(props: {
  passkeys: Passkey[];
  onRename: (passkey: Passkey) => void;
  onRemove: (passkey: Passkey) => void;
}): JSX.Element {
  return (
    <Table
      caption={t("passkeys.title")}
      head={
        <>
          <th scope="col">{t("login.name")}</th>
          <th scope="col">{t("passkeys.kind")}</th>
          <th scope="col">{t("passkeys.added")}</th>
          <th scope="col">{t("tokens.lastUsed")}</th>
          <th scope="col">
            <span class="visually-hidden">{t("passkeys.rename")}</span>
          </th>
        </>
      }
    >
      <For each={props.passkeys}>
        {(passkey) => (
          <tr>
            <th scope="row">{passkey.name}</th>
            <td>{t(passkey.synced ? "passkeys.synced" : "passkeys.oneDevice")}</td>
            <td>
              <Time value={passkey.created_at} />
            </td>
            <td>
              <Show when={passkey.last_used_at} fallback={t("tokens.never")}>
                {(at) => <Time value={at()} />}
              </Show>
            </td>
            <td data-numeric>
              <Button
                size="small"
                variant="ghost"
                aria-label={`${t("passkeys.rename")}: ${passkey.name}`}
                onClick={() => props.onRename(passkey)}
              >
                {t("passkeys.rename")}
              </Button>
              <Button
                size="small"
                variant="ghost"
                aria-label={`${t("passkeys.remove")}: ${passkey.name}`}
                onClick={() => props.onRemove(passkey)}
              >
                {t("passkeys.remove")}
              </Button>
            </td>
          </tr>
        )}
      </For>
    </Table>
  );
}

function AddModal(props: {
  open: boolean;
  onClose: () => void;
  onCodes: (codes: readonly string[]) => void;
}): JSX.Element {
  const add = usePasskeyAdd();
  const submit = async (name: string): Promise<void> => {
    const made = await add.mutateAsync(name);
    toast(t("passkeys.made", { name }), { kind: "success" });
    props.onClose();
    if (made.recovery_codes.length > 0) props.onCodes(made.recovery_codes);
  };
  return (
    <NameModal
      open={props.open}
      title={t("passkeys.add")}
      text={t("passkeys.addText")}
      name={deviceName(navigator.userAgent)}
      button={t("passkeys.make")}
      onClose={props.onClose}
      onName={submit}
    />
  );
}

function RenameModal(props: { passkey: Passkey | null; onClose: () => void }): JSX.Element {
  const rename = usePasskeyRename();
  const submit = async (name: string): Promise<void> => {
    if (props.passkey) await rename.mutateAsync({ id: props.passkey.id, name });
    props.onClose();
  };
  return (
    <NameModal
      open={props.passkey !== null}
      title={t("passkeys.rename")}
      name={props.passkey?.name ?? ""}
      button={t("profile.save")}
      onClose={props.onClose}
      onName={submit}
    />
  );
}

/** Asks for a name, then does what the button says; tells what went wrong. */
function NameModal(props: {
  open: boolean;
  title: string;
  text?: string;
  name: string;
  button: string;
  onClose: () => void;
  onName: (name: string) => Promise<void>;
}): JSX.Element {
  return (
    <Modal open={props.open} onClose={props.onClose} title={props.title}>
      <NameForm {...props} />
    </Modal>
  );
}

function NameForm(props: Parameters<typeof NameModal>[0]): JSX.Element {
  const [name, setName] = createSignal(props.name);
  const [error, setError] = createSignal<unknown>();
  const [isBusy, setIsBusy] = createSignal(false);
  const submit = async (event: SubmitEvent): Promise<void> => {
    event.preventDefault();
    setIsBusy(true);
    setError(undefined);
    try {
      await props.onName(name().trim());
    } catch (caught) {
      if (!wasDismissed(caught)) setError(() => caught);
    } finally {
      setIsBusy(false);
    }
  };
  return (
    <form class={styles.form} onSubmit={(event) => void submit(event)}>
      <Show when={props.text}>
        <p>{props.text}</p>
      </Show>
      <Field label={t("login.name")}>
        <TextInput
          required
          autofocus
          maxlength="128"
          value={name()}
          onInput={(event) => setName(event.currentTarget.value)}
        />
      </Field>
      <Show when={error()}>
        <ErrorNotice error={error()} />
      </Show>
      <div class={styles.foot}>
        <Button type="submit" variant="primary" busy={isBusy()} disabled={!name().trim()}>
          {props.button}
        </Button>
        <Button variant="ghost" onClick={props.onClose}>
          {t("tokens.cancel")}
        </Button>
      </div>
    </form>
  );
}

function RemoveModal(props: {
  passkey: Passkey | null;
  isLast: boolean;
  onClose: () => void;
}): JSX.Element {
  const remove = usePasskeyRemove();
  const commit = (passkey: Passkey | null): void => {
    if (!passkey) return;
    remove.mutate(passkey.id, {
      onSuccess: () => {
        toast(t("passkeys.removed", { name: passkey.name }), { kind: "success" });
        props.onClose();
      },
    });
  };
  return (
    <Modal
      open={props.passkey !== null}
      onClose={props.onClose}
      title={t("passkeys.removeTitle", { name: props.passkey?.name ?? "" })}
      actions={
        <>
          <Button variant="ghost" onClick={props.onClose}>
            {t("tokens.cancel")}
          </Button>
          <Button variant="danger" busy={remove.isPending} onClick={() => commit(props.passkey)}>
            {t("passkeys.remove")}
          </Button>
        </>
      }
    >
      <p>{t("passkeys.removeText")}</p>
      <Show when={remove.error}>
        <ErrorNotice error={remove.error} />
      </Show>
    </Modal>
  );
}
