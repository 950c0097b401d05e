import { useNavigate } from "@solidjs/router";
import { createEffect, createSignal, type JSX, Show } from "solid-js";
import { Problem } from "~/api/problem";
import type { Model } from "~/api/types";
import { Button } from "~/components/Button/Button";
import { ErrorNotice } from "~/components/ErrorNotice/ErrorNotice";
import { Field, Select, TextInput } from "~/components/Field/Field";
import { Modal } from "~/components/Modal/Modal";
import { createAct } from "../parts/act";
import parts from "../parts/parts.module.css";
import { tagsOf } from "../parts/tags";
import { createModel } from "../queries";

const NAME = /^[A-Za-z0-9][A-Za-z0-9._-]{0,127}$/;

/** Make a model without versions, and go to its page. */
export function NewModel(props: { open: boolean; onClose: () => void }): JSX.Element {
  const navigate = useNavigate();
  const act = createAct();
  const [name, setName] = createSignal("");
  const [type, setType] = createSignal("");
  const [tags, setTags] = createSignal("");
  const [visibility, setVisibility] = createSignal<Model["visibility"]>("private");
  const [needsApproval, setNeedsApproval] = createSignal(false);
  createEffect(() => {
    if (!props.open) return;
    setName("");
    setTags("");
    setType("");
    act.reset();
  });
  const submit = (event: SubmitEvent): void => {
    event.preventDefault();
    void act.run(async () => {
      const model = await createModel({
        name: name(),
        model_type: type().trim(),
        tags: tagsOf(tags()),
        visibility: visibility(),
        requires_approval: needsApproval(),
      });
      props.onClose();
      navigate(`/models/${model.id}`);
    });
  };
  const nameError = (): string | undefined => {
    const problem = act.problem();
    if (problem instanceof Problem && problem.code === "model_exists") return problem.detail;
    if (name() === "" || NAME.test(name())) return undefined;
    return "A letter or digit first, then letters, digits, dots, dashes and underscores";
  };
  return (
    <Modal
      open={props.open}
      onClose={props.onClose}
      title="New model"
      actions={
        <>
          <Button onClick={props.onClose}>Cancel</Button>
          <Button
            type="submit"
            form="new-model"
            variant="primary"
            busy={act.isBusy()}
            disabled={!NAME.test(name())}
          >
            Create
          </Button>
        </>
      }
    >
      <form id="new-model" class={parts.form} onSubmit={submit}>
        <Field label="Name" error={nameError()}>
          <TextInput
            autofocus
            autocomplete="off"
            maxlength="128"
            value={name()}
            onInput={(event) => setName(event.currentTarget.value)}
          />
        </Field>
        <Field label="Kind" hint="Such as classifier, mlp or gradient boosting">
          <TextInput
            maxlength="128"
            value={type()}
            onInput={(event) => setType(event.currentTarget.value)}
          />
        </Field>
        <Field label="Tags" hint="Separated by commas">
          <TextInput value={tags()} onInput={(event) => setTags(event.currentTarget.value)} />
        </Field>
        <Field label="Who sees it">
          <Select
            value={visibility()}
            onChange={(event) =>
              setVisibility(event.currentTarget.value === "team" ? "team" : "private")
            }
          >
            <option value="private">Only me and administrators</option>
            <option value="team">The team</option>
          </Select>
        </Field>
        <label>
          <input
            type="checkbox"
            checked={needsApproval()}
            onChange={(event) => setNeedsApproval(event.currentTarget.checked)}
          />{" "}
          A version is deployed only after an administrator approved it
        </label>
        <Show when={act.problem() && !nameError()}>
          <ErrorNotice error={act.problem()} />
        </Show>
      </form>
    </Modal>
  );
}
