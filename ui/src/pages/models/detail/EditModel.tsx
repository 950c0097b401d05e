import { createEffect, createSignal, type JSX, Show } from "solid-js";
import type { Model } from "~/api/types";
import { Button } from "~/components/Button/Button";
import { ErrorNotice } from "~/components/ErrorNotice/ErrorNotice";
import { Field, TextInput } from "~/components/Field/Field";
import { Modal } from "~/components/Modal/Modal";
import { createAct } from "../parts/act";
import parts from "../parts/parts.module.css";
import { changeModel } from "../queries";

/** Change what a model is called, what kind it is, and whether its versions need an approval. */
export function EditModel(props: {
  model: Model;
  open: boolean;
  onClose: () => void;
}): JSX.Element {
  const act = createAct();
  const [name, setName] = createSignal("");
  const [type, setType] = createSignal("");
  const [needsApproval, setNeedsApproval] = createSignal(false);
  createEffect(() => {
    if (!props.open) return;
    setName(props.model.name);
    setType(props.model.model_type);
    setNeedsApproval(props.model.requires_approval);
    act.reset();
  });
  const submit = (event: SubmitEvent): void => {
    event.preventDefault();
    const change = {
      name: name().trim(),
      model_type: type().trim(),
      requires_approval: needsApproval(),
    };
    void act.run(() => changeModel(props.model.id, change), props.onClose);
  };
  return (
    <Modal
      open={props.open}
      onClose={props.onClose}
      title={`Edit ${props.model.name}`}
      actions={
        <>
          <Button onClick={props.onClose}>Cancel</Button>
          <Button type="submit" form="edit-model" variant="primary" busy={act.isBusy()}>
            Save
          </Button>
        </>
      }
    >
      <form id="edit-model" class={parts.form} onSubmit={submit}>
        <Field label="Name" hint="Scripts that ask for the old name find it no more.">
          <TextInput
            required
            maxlength="128"
            pattern="[A-Za-z0-9][A-Za-z0-9._\-]*"
            value={name()}
            onInput={(event) => setName(event.currentTarget.value)}
          />
        </Field>
        <Field label="Kind">
          <TextInput
            maxlength="128"
            value={type()}
            onInput={(event) => setType(event.currentTarget.value)}
          />
        </Field>
        <label>
          <input
            type="checkbox"
            checked={needsApproval()}
            onChange={(event) => setNeedsApproval(event.currentTarget.checked)}
          />{" "}
          A version is deployed only after an administrator approved it
        </label>
        <Show when={act.problem()}>{(problem) => <ErrorNotice error={problem()} />}</Show>
      </form>
    </Modal>
  );
}
