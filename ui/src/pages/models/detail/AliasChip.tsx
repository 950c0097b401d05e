import { A } from "@solidjs/router";
import { createSignal, type JSX, Show } from "solid-js";
import type { Model } from "~/api/types";
import { Button } from "~/components/Button/Button";
import { ErrorNotice } from "~/components/ErrorNotice/ErrorNotice";
import { Field, TextInput } from "~/components/Field/Field";
import { Modal } from "~/components/Modal/Modal";
import { toast } from "~/components/toast/toast";
import { createAct } from "../parts/act";
import { Chip } from "../parts/Chips";
import parts from "../parts/parts.module.css";
import { dropAlias } from "../queries";

/** An alias with the version it points at; whoever may, removes it and says why. */
export function AliasChip(props: {
  model: Model;
  alias: string;
  version: number;
  isMine: boolean;
}): JSX.Element {
  const [asks, setAsks] = createSignal(false);
  const [reason, setReason] = createSignal("");
  const act = createAct();
  const formId = (): string => `remove-${props.alias}`;
  const removal = (): { removal?: { label: string; run: () => void } } =>
    props.isMine
      ? { removal: { label: `Remove alias ${props.alias}`, run: () => setAsks(true) } }
      : {};
  const submit = (event: SubmitEvent): void => {
    event.preventDefault();
    void act.run(
      () => dropAlias(props.model.id, props.alias, reason().trim()),
      () => {
        setAsks(false);
        toast(`${props.alias} is no alias of ${props.model.name} any more.`, { kind: "success" });
      },
    );
  };
  return (
    <>
      <Chip tone="alias" {...removal()}>
        <A href={`/models/${props.model.id}?version=${props.version}`}>
          {props.alias} → v{props.version}
        </A>
      </Chip>
      <Modal
        open={asks()}
        onClose={() => setAsks(false)}
        title={`Remove the alias ${props.alias}?`}
        actions={
          <>
            <Button onClick={() => setAsks(false)}>Keep it</Button>
            <Button type="submit" form={formId()} variant="danger" busy={act.isBusy()}>
              Remove
            </Button>
          </>
        }
      >
        <form id={formId()} class={parts.form} onSubmit={submit}>
          <p>
            Whoever asks for {props.model.name}:{props.alias} gets an error from then on; v
            {props.version} stays.
          </p>
          <Field label="Reason" hint="Kept in the model's history.">
            <TextInput
              autofocus
              value={reason()}
              maxlength="512"
              onInput={(event) => setReason(event.currentTarget.value)}
            />
          </Field>
          <Show when={act.problem()}>{(problem) => <ErrorNotice error={problem()} />}</Show>
        </form>
      </Modal>
    </>
  );
}
