import { type JSX, Show } from "solid-js";
import styles from "./Sparkline.module.css";

const WIDTH = 120;
const HEIGHT = 32;
const PAD = 3;

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

/** The SVG path through the finite values, "" with fewer than two of them. */
export function pathOf(values: readonly number[]): string {
  const finite = values.filter(Number.isFinite);
  if (finite.length < 2) return "";
  const low = Math.min(...finite);
  const high = Math.max(...finite);
  const y = (value: number): number =>
    high === low ? HEIGHT / 2 : HEIGHT - PAD - ((value - low) / (high - low)) * (HEIGHT - 2 * PAD);
  const x = (index: number): number => (index / (values.length - 1)) * WIDTH;
  let path = "";
  let isPenUp = true;
  for (const [index, value] of values.entries()) {
    if (Number.isFinite(value)) {
      path += `${isPenUp ? "M" : "L"}${x(index).toFixed(1)} ${y(value).toFixed(1)}`;
      isPenUp = false;
    } else {
      isPenUp = true;
    }
  }
  return path;
}
