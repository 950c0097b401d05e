import { For, type JSX, Show } from "solid-js";
import type { Run, SeriesSummary } from "~/api/types";
import { valueText } from "~/charts/format";
import { ProgressBar } from "~/components/ProgressBar/ProgressBar";
import { durationText } from "~/components/Time/Time";
import { isActive } from "../run-actions";
import { bestOf, type Progress, progressOf, secondsLeft } from "./progress";
import type { SeriesStore } from "./series-store";
import styles from "./tiles.module.css";

const MOST = 4;

export interface RunTilesProps {
  run: Run;
  /** Every series of the run. */
  series: readonly SeriesSummary[];
  /** The names of the main metrics, the first ones get a tile. */
  names: readonly string[];
  store: SeriesStore;
}

/** The run in figures: how far it is, and the last and best value of its main metrics. */
export function RunTiles(props: RunTilesProps): JSX.Element {
  const progress = (): Progress | null => progressOf(props.run.config, props.series);
  const shown = (): readonly string[] => props.names.slice(0, progress() ? MOST - 1 : MOST);
  return (
    <ul class={styles.tiles} aria-label="The run in figures">
      <Show when={progress()}>
        {(now) => (
          <ProgressTile
            progress={now()}
            left={isActive(props.run) ? secondsLeft(now(), mainPoints(props)) : null}
          />
        )}
      </Show>
      <For each={shown()}>
        {(name) => (
          <Show when={props.series.find((one) => one.name === name)}>
            {(series) => <MetricTile series={series()} />}
          </Show>
        )}
      </For>
    </ul>
  );
}

function mainPoints(props: RunTilesProps) {
  const [main] = props.names;
  return main === undefined ? undefined : props.store.series(main)?.points;
}

function ProgressTile(props: { progress: Progress; left: number | null }): JSX.Element {
  const percent = (): string => {
    const { done, total } = props.progress;
    return `${Math.floor((100 * done) / total)} %`;
  };
  const of = (): string =>
    `${props.progress.done.toLocaleString("en")} of ${props.progress.total.toLocaleString("en")} ${props.progress.unit}s`;
  return (
    <li class={styles.tile}>
      <span class={styles.label}>Progress</span>
      <span class={styles.value}>{percent()}</span>
      <ProgressBar value={props.progress.done} max={props.progress.total} label={of()} />
      <span class={styles.note}>
        {of()}
        <Show when={props.left}>{(left) => `, ${durationText(left())} to go`}</Show>
      </span>
    </li>
  );
}

function MetricTile(props: { series: SeriesSummary }): JSX.Element {
  const last = (): string => {
    const value = props.series.last_value;
    return typeof value === "string" ? value : valueText(Number(value.toPrecision(4)));
  };
  return (
    <li class={styles.tile}>
      <span class={styles.label} title={props.series.name}>
        {props.series.name}
      </span>
      <span class={styles.value} data-broken={typeof props.series.last_value === "string"}>
        {last()}
      </span>
      <span class={styles.note}>
        <Show
          when={bestOf(props.series) !== null}
          fallback={`at step ${props.series.last_step.toLocaleString("en")}`}
        >
          best {valueText(Number(bestOf(props.series)?.toPrecision(4)))}
        </Show>
      </span>
    </li>
  );
}
