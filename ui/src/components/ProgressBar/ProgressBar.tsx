import type { JSX } from "solid-js";
import styles from "./ProgressBar.module.css";

/** How far something is: `value` of `max`. Without a value it only says that work goes on. */
export function ProgressBar(props: {
  value?: number | undefined;
  max?: number;
  label: string;
}): JSX.Element {
  return (
    <progress
      class={styles.bar}
      value={props.value}
      max={props.max ?? 1}
      aria-label={props.label}
    />
  );
}
