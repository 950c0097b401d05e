import { createEffect, createSignal, For, type JSX, Show } from "solid-js";
import type { Model } from "~/api/types";
import { Button } from "~/components/Button/Button";
import { ErrorNotice } from "~/components/ErrorNotice/ErrorNotice";
import { Field, Select, TextInput } from "~/components/Field/Field";
import { Modal } from "~/components/Modal/Modal";
import { toast } from "~/components/toast/toast";
import { setAlias } from "../queries";
import { createAct } from "./act";
import styles from "./parts.module.css";

const ALIAS = /^[A-Za-z][\w-]{0,63}$/;
const USUAL = ["champion", "challenger", "staging", "production"];

export interface AliasDialogProps {
  model: Model;
  /** The numbers of the versions that there are. */
  versions: readonly number[];
  /** What is asked for; null while the dialog is closed. */
  wanted: { version: number; alias: string } | null;
  onClose: () => void;
}

/** Point an alias at a version, and say why: the history keeps both. */
export function AliasDialog(props: AliasDialogProps): JSX.Element {
  const [alias, setName] = createSignal("");
  const [version, setVersion] = createSignal(0);
  const [reason, setReason] = createSignal("");
  const act = createAct();
  createEffect(() => {
    if (!props.wanted) return;
    setName(props.wanted.alias);
    setVersion(props.wanted.version);
    setReason("");
    act.reset();
  });
  const before = (): number | undefined => props.model.aliases[alias()];
  const error = (): string | undefined => {
    if (alias() === "" || ALIAS.test(alias())) return undefined;
    return "A letter first, then letters, digits, dashes and underscores";
  };
  const submit = (event: SubmitEvent): void => {
    event.preventDefault();
    void act.run(
      () => setAlias(props.model.id, alias(), version(), reason().trim()),
      () => {
        toast(`${alias()} is v${version()} now`, { kind: "success" });
        props.onClose();
      },
    );
  };
  return (
    <Modal
      open={props.wanted !== null}
      onClose={props.onClose}
      title={`Set an alias of ${props.model.name}`}
      actions={
        <>
          <Button onClick={props.onClose}>Cancel</Button>
          <Button
            type="submit"
            form="set-alias"
            variant="primary"
            busy={act.isBusy()}
            disabled={!ALIAS.test(alias()) || before() === version()}
          >
            {before() === undefined ? "Set" : "Move"}
          </Button>
        </>
      }
    >
      <form id="set-alias" class={styles.form} onSubmit={submit}>
        <Field
          label="Alias"
          error={error()}
          hint="A word that stays while versions change: scripts ask for model:champion."
        >
          <TextInput
            value={alias()}
            list="usual-aliases"
            autocomplete="off"
            autofocus
            onInput={(event) => setName(event.currentTarget.value)}
          />
        </Field>
        <datalist id="usual-aliases">
          <For each={[...new Set([...Object.keys(props.model.aliases), ...USUAL])]}>
            {(usual) => <option value={usual} />}
          </For>
        </datalist>
        <Field label="Version">
          <Select
            value={String(version())}
            onChange={(event) => setVersion(Number(event.currentTarget.value))}
          >
            <For each={props.versions}>
              {(number) => (
                <option value={number} selected={number === version()}>
                  v{number}
                </option>
              )}
            </For>
          </Select>
        </Field>
        <Field label="Reason" hint="Kept in the model's history.">
          <TextInput
            value={reason()}
            maxlength="1024"
            onInput={(event) => setReason(event.currentTarget.value)}
          />
        </Field>
        <Show when={before() !== undefined}>
          <p>
            {before() === version()
              ? `${alias()} is v${version()} already.`
              : `${alias()} moves from v${before()} to v${version()}.`}
          </p>
        </Show>
        <Show when={act.problem()}>{(problem) => <ErrorNotice error={problem()} />}</Show>
      </form>
    </Modal>
  );
}
