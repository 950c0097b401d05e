import { type JSX, Show } from "solid-js";
import styles from "./ProgressBar.module.css";

/** How far something is: `value` of `max`. Without a value it only says that work goes on. */
export function ProgressBar(props: {
  value?: number | undefined;
  max?: number;
  label: string;
}): JSX.Element {
  return (
    // Another element without a value: the property takes no undefined.
    <Show
      when={props.value !== undefined}
      fallback={<progress class={styles.bar} aria-label={props.label} />}
    >
      <progress
        class={styles.bar}
        value={props.value}
        max={props.max ?? 1}
        aria-label={props.label}
      />
    </Show>
  );
}
