import Undo2 from "lucide-solid/icons/undo-2";
import { For, type JSX, Match, Show, Switch } from "solid-js";
import { Field, Select, TextInput } from "~/components/Field/Field";
import styles from "./params.module.css";
import {
  boundsText,
  type Entries,
  type FormField,
  isShown,
  nudged,
  shortNumber,
  type Value,
} from "./schema-form";

export interface ParamsFormProps {
  fields: readonly FormField[];
  entries: Entries;
  /** What stood there at first: an earlier run's values, or the defaults. */
  before: Entries;
  /** Say "was" of an earlier run's value, "default" of a default. */
  isAgain: boolean;
  wrong: (name: string) => string | undefined;
  onChange: (name: string, entry: string | boolean) => void;
}

/** The parameters of a trainer, as its schema describes them. */
export function ParamsForm(props: ParamsFormProps): JSX.Element {
  const shown = (): FormField[] => props.fields.filter((field) => isShown(field, props.entries));
  const told = (before: string | boolean): string =>
    `${props.isAgain ? "was" : "default"} ${String(before) || "empty"}`;
  return (
    <div class={styles.fields}>
      <For each={shown()}>
        {(field) => {
          const entry = (): string | boolean => props.entries[field.name] ?? "";
          const before = (): string | boolean => props.before[field.name] ?? "";
          return (
            <div class={styles.field} data-changed={entry() !== before()}>
              <Field
                label={field.label}
                error={props.wrong(field.name)}
                hint={
                  <>
                    {field.description}
                    <Show when={boundsText(field)}>{(bounds) => ` (${bounds()})`}</Show>
                  </>
                }
              >
                <Control
                  field={field}
                  entry={entry()}
                  onChange={(value) => props.onChange(field.name, value)}
                />
              </Field>
              <Show when={entry() !== before()}>
                <button
                  type="button"
                  class={styles.undo}
                  aria-label={`${told(before())} in ${field.label}; take it back`}
                  onClick={() => props.onChange(field.name, before())}
                >
                  <Undo2 size={13} aria-hidden="true" />
                  {told(before())}
                </button>
              </Show>
            </div>
          );
        }}
      </For>
    </div>
  );
}

function Control(props: {
  field: FormField;
  entry: string | boolean;
  onChange: (entry: string | boolean) => void;
}): JSX.Element {
  const as = <Kind extends FormField["kind"]>(kind: Kind) =>
    props.field.kind === kind ? (props.field as Extract<FormField, { kind: Kind }>) : undefined;
  return (
    <Switch>
      <Match when={as("choice")}>
        {(field) => (
          <Select onChange={(event) => props.onChange(event.currentTarget.value)}>
            <For each={field().options}>
              {(option) => (
                <option value={String(option)} selected={String(option) === props.entry}>
                  {optionText(option)}
                </option>
              )}
            </For>
          </Select>
        )}
      </Match>
      <Match when={as("switch")}>
        <Select
          value={String(props.entry)}
          onChange={(event) => props.onChange(event.currentTarget.value === "true")}
        >
          <option value="true">Yes</option>
          <option value="false">No</option>
        </Select>
      </Match>
      <Match when={as("number")}>
        {(field) => (
          <TextInput
            inputmode="decimal"
            autocomplete="off"
            spellcheck={false}
            value={String(props.entry)}
            title={field().isLog ? "Arrow keys go 1, 2, 5, 10 …" : "Arrow keys count up and down"}
            onInput={(event) => props.onChange(event.currentTarget.value)}
            onKeyDown={(event) => {
              if (event.key !== "ArrowUp" && event.key !== "ArrowDown") return;
              event.preventDefault();
              const direction = event.key === "ArrowUp" ? 1 : -1;
              props.onChange(nudged(field(), String(props.entry), direction));
            }}
          />
        )}
      </Match>
      <Match when={as("text")}>
        {(field) => (
          <TextInput
            autocomplete="off"
            maxLength={field().longest}
            value={String(props.entry)}
            onInput={(event) => props.onChange(event.currentTarget.value)}
          />
        )}
      </Match>
    </Switch>
  );
}

function optionText(option: Value): string {
  return typeof option === "number" ? shortNumber(option) : String(option).replaceAll("_", " ");
}
