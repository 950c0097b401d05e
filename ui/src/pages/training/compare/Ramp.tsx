import { type JSX, Show } from "solid-js";
import type { Field } from "./fields";
import styles from "./scatter.module.css";
import type { Scale } from "./scale";

/** What the colours mean: the lowest value, the ramp, the highest. */
export function Ramp(props: { field: Field | undefined; scale: Scale | null }): JSX.Element {
  const end = (place: number): string => {
    const scale = props.scale;
    return scale ? scale.textOf(scale.numberAt(place)) : "";
  };
  return (
    <Show when={props.scale}>
      <span class={styles.rampLine}>
        {props.field?.label}: {end(0)} <span class={styles.ramp} aria-hidden="true" /> {end(1)}
      </span>
    </Show>
  );
}
