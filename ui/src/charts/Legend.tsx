import { For, Index, type JSX, Show } from "solid-js";
import type { Band } from "./band";
import { valueText } from "./format";
import styles from "./LineChart.module.css";
import { type AxisKind, cursorText } from "./options";
import { type ChartSeries, DASHES, lastOf, nearest, nearestTo, valueAt } from "./series";
import { type Unit, unitText } from "./units";

export interface LegendProps {
  series: readonly ChartSeries[];
  hidden: ReadonlySet<string>;
  onToggle: (label: string) => void;
  cursor: number | null;
  axis: AxisKind;
  unit: string | undefined;
  /** Of thinned lines, what lies in each bucket. */
  bands?: ReadonlyMap<ChartSeries, Band>;
  /** What is to be known of points that are not drawn. */
  notes?: readonly string[];
}

/** The lines by name, with their values at the cursor; a press hides or shows a line. */
export function Legend(props: LegendProps): JSX.Element {
  const lines = (): ChartSeries[] => props.series.filter((one) => !one.isFaint);
  const value = (one: ChartSeries): string => {
    const number = props.cursor === null ? lastOf(one) : valueAt(one, props.cursor);
    return `${unitText(number, one.unit)}${props.unit ? ` ${props.unit}` : ""}`;
  };
  const span = (one: ChartSeries): string => {
    if (props.cursor === null) return "";
    const thinned = props.series.find((other) => other.isThinned && other.label === one.label);
    const band = thinned && props.bands?.get(thinned);
    return band ? spanText(band, props.cursor, one.unit) : "";
  };
  const atText = (): string => {
    const [first] = lines();
    const x = props.cursor === null ? undefined : first?.x[nearest(first, props.cursor)];
    return x === undefined ? "" : `at ${cursorText(props.axis, x)}`;
  };
  return (
    <figcaption class={styles.legend}>
      {/* By place: each live frame brings new lines, and the entries stay. */}
      <Index each={lines()}>
        {(one) => (
          <Show
            when={lines().length > 1}
            fallback={
              <span class={styles.entry}>
                <Swatch series={one()} />
                <span class={styles.name}>{one().label}</span>
                <span class={styles.value}>{value(one())}</span>
                <Span text={span(one())} />
              </span>
            }
          >
            <button
              type="button"
              class={styles.entry}
              aria-pressed={!props.hidden.has(one().label)}
              title={props.hidden.has(one().label) ? "Show this line" : "Hide this line"}
              onClick={() => props.onToggle(one().label)}
            >
              <Swatch series={one()} />
              <span class={styles.name}>{one().label}</span>
              <span class={styles.value}>{value(one())}</span>
              <Span text={span(one())} />
            </button>
          </Show>
        )}
      </Index>
      <span class={styles.at}>{atText()}</span>
      <Show when={props.notes?.length}>
        <ul class={styles.notes}>
          <For each={props.notes}>{(note) => <li>{note}</li>}</For>
        </ul>
      </Show>
    </figcaption>
  );
}

function Span(props: { text: string }): JSX.Element {
  return (
    <Show when={props.text}>
      <span class={styles.span} title="The lowest and the highest point of these pixels">
        {props.text}
      </span>
    </Show>
  );
}

/** The lowest and the highest value of the bucket at `x`; nothing where it has no value to draw. */
function spanText(band: Band, x: number, unit: Unit | undefined): string {
  const at = nearestTo(band.x, x);
  const [low, high] = [band.low[at] ?? Number.NaN, band.high[at] ?? Number.NaN];
  if (Number.isNaN(low)) return "";
  const per = unit?.per ?? 1;
  return `${valueText(low / per)}..${unitText(high, unit)}`;
}

function Swatch(props: { series: ChartSeries }): JSX.Element {
  const dash = (): string => (DASHES[(props.series.dash ?? 0) % DASHES.length] ?? []).join(" ");
  return (
    <svg class={styles.swatch} viewBox="0 0 16 4" width="16" height="4" aria-hidden="true">
      <line
        x1="0"
        x2="16"
        y1="2"
        y2="2"
        stroke={`var(--series-${(props.series.color % 10) + 1})`}
        stroke-width="3"
        stroke-dasharray={dash()}
      />
    </svg>
  );
}
