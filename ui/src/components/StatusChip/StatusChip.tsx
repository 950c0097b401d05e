import type { JSX } from "solid-js";
import styles from "./StatusChip.module.css";

type Tone = "good" | "live" | "wait" | "bad" | "calm";

const TONES: Record<string, Tone> = {
  queued: "calm",
  starting: "wait",
  running: "live",
  stopping: "wait",
  completed: "good",
  failed: "bad",
  stopped: "calm",
  lost: "bad",
  draining: "wait",
};

/** The state of a run or an endpoint: a word, with a dot that moves only while it lives. */
export function StatusChip(props: { status: string; title?: string }): JSX.Element {
  return (
    <span
      class={`${styles.chip} ${styles[TONES[props.status] ?? "calm"]}`}
      title={props.title || undefined}
      data-status={props.status}
    >
      <span class={styles.dot} aria-hidden="true" />
      {props.status}
    </span>
  );
}
