import { createSignal, createUniqueId, For, type JSX, Show } from "solid-js";
import { Button } from "~/components/Button/Button";
import { Field, TextInput } from "~/components/Field/Field";
import { Modal } from "~/components/Modal/Modal";

export interface Question {
  title: string;
  /** What the one field asks for. */
  label: string;
  value?: string;
  /** Answers to choose from; others may be typed. */
  known: readonly string[];
  run: (value: string) => void;
}

/** A dialog that asks for one line of text. */
export function Ask(props: { question: Question | undefined; onClose: () => void }): JSX.Element {
  const list = createUniqueId();
  const [text, setText] = createSignal<string>();
  const value = (): string => (text() ?? props.question?.value ?? "").trim();
  const close = (): void => {
    setText(undefined);
    props.onClose();
  };
  const submit = (event: Event): void => {
    event.preventDefault();
    const answer = value();
    if (answer === "") return;
    props.question?.run(answer);
    close();
  };
  return (
    <Modal
      open={props.question !== undefined}
      onClose={close}
      title={props.question?.title ?? ""}
      actions={
        <>
          <Button variant="ghost" onClick={close}>
            Cancel
          </Button>
          <Button variant="primary" type="submit" form={`${list}-form`} disabled={value() === ""}>
            {props.question?.title ?? ""}
          </Button>
        </>
      }
    >
      <Show when={props.question}>
        {(question) => (
          <form id={`${list}-form`} onSubmit={submit}>
            <Field label={question().label}>
              <TextInput
                value={text() ?? question().value ?? ""}
                list={list}
                autocomplete="off"
                maxLength={64}
                autofocus
                onInput={(event) => setText(event.currentTarget.value)}
              />
            </Field>
            <datalist id={list}>
              <For each={question().known}>{(known) => <option value={known} />}</For>
            </datalist>
          </form>
        )}
      </Show>
    </Modal>
  );
}
