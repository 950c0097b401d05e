import { type JSX, Show } from "solid-js";
import { HEIGHT, pathOf, WIDTH } from "./path";
import styles from "./Sparkline.module.css";

export interface SparklineProps {
  /** At least two finite values draw a line; others leave a gap. */
  values: readonly number[];
  /** What it shows, for screen readers: "loss, 0.31 now". */
  label: string;
}

/** A small line without axes, for a row or a card. */
export function Sparkline(props: SparklineProps): JSX.Element {
  const line = (): string => pathOf(props.values);
  return (
    <Show when={line()} fallback={<span class={styles.none}>–</span>}>
      <svg
        class={styles.sparkline}
        viewBox={`0 0 ${WIDTH} ${HEIGHT}`}
        preserveAspectRatio="none"
        role="img"
        aria-label={props.label}
      >
        <path d={line()} vector-effect="non-scaling-stroke" />
      </svg>
    </Show>
  );
}
