import { For, type JSX, Show } from "solid-js";
import styles from "./controls.module.css";
import type { Field } from "./fields";

/** Fields as options, under the heading of where they come from. */
export function FieldOptions(props: { fields: readonly Field[]; chosen: string }): JSX.Element {
  const groups = (): string[] => [...new Set(props.fields.map((one) => one.group))];
  return (
    <For each={groups()}>
      {(group) => (
        <optgroup label={group}>
          <For each={props.fields.filter((one) => one.group === group)}>
            {(one) => (
              <option value={one.id} selected={one.id === props.chosen}>
                {one.label}
              </option>
            )}
          </For>
        </optgroup>
      )}
    </For>
  );
}

/** A choice of one field. */
export function FieldSelect(props: {
  label: string;
  fields: readonly Field[];
  value: string;
  none?: string;
  onChange: (id: string) => void;
}): JSX.Element {
  return (
    <label class={styles.control}>
      <span>{props.label}</span>
      <select
        class={styles.select}
        value={props.value}
        onChange={(event) => props.onChange(event.currentTarget.value)}
      >
        <Show when={props.none}>{(none) => <option value="">{none()}</option>}</Show>
        <FieldOptions fields={props.fields} chosen={props.value} />
      </select>
    </label>
  );
}
