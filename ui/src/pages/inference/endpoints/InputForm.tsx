import { For, type JSX } from "solid-js";
import { Field, TextInput } from "~/components/Field/Field";
import { type FormField, valueOf, withValue } from "./input-form";
import styles from "./page.module.css";

/** One row to fill in, value by value. */
export function InputForm(props: {
  fields: readonly FormField[];
  inputs: unknown;
  onInput: (inputs: unknown) => void;
}): JSX.Element {
  const set = (field: FormField, value: unknown): void =>
    props.onInput(withValue(props.inputs, field, value));
  return (
    <div class={styles.fields}>
      <For each={props.fields}>
        {(field) => (
          <Field label={field.label}>
            {field.kind === "flag" ? (
              <input
                type="checkbox"
                checked={valueOf(props.inputs, field) === true}
                onChange={(event) => set(field, event.currentTarget.checked)}
              />
            ) : (
              <TextInput
                type={field.kind === "number" ? "number" : "text"}
                step={field.isWhole ? "1" : "any"}
                value={String(valueOf(props.inputs, field) ?? "")}
                onChange={(event) => set(field, typed(field, event.currentTarget))}
              />
            )}
          </Field>
        )}
      </For>
    </div>
  );
}

function typed(field: FormField, input: HTMLInputElement): unknown {
  if (field.kind === "text") return input.value;
  // An empty field is no number: the server says what it wants there.
  return Number.isNaN(input.valueAsNumber) ? input.value : input.valueAsNumber;
}
