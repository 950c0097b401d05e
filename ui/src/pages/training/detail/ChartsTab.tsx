import RotateCcw from "lucide-solid/icons/rotate-ccw";
import { createEffect, createMemo, For, type JSX, Show } from "solid-js";
import { SMOOTHINGS, type SmoothingKind } from "~/charts/average";
import { createCursorGroup } from "~/charts/sync";
import { Button } from "~/components/Button/Button";
import { EmptyState } from "~/components/EmptyState/EmptyState";
import { ErrorNotice } from "~/components/ErrorNotice/ErrorNotice";
import { X_AXES, type XAxis } from "./axes";
import { type ChartGroup, chartGroups, matcherOf } from "./chart-groups";
import { ChartPanel } from "./ChartPanel";
import styles from "./charts.module.css";
import type { SeriesStore } from "./series-store";
import { type ChartView, MOST_SMOOTHING, useChartView } from "./view";

export interface ChartsTabProps {
  /** The metrics to show, by name. */
  names: readonly string[];
  hasEpoch: boolean;
  store: SeriesStore;
  startMs: number;
  runName: string;
  /** What to say where there is no metric. */
  empty: JSX.Element;
}

/** Charts of metrics, grouped by prefix, under one cursor and one range of steps. */
export function ChartsTab(props: ChartsTabProps): JSX.Element {
  const view = useChartView();
  const cursor = createCursorGroup();
  createEffect(() => props.store.setWindow(view.window()));
  createEffect(() =>
    props.store.setSmoothing(view.smoothingKind() === "ema" ? view.smoothing() : 0),
  );
  const shown = createMemo(() => props.names.filter(matcherOf(view.filter())));
  // By value: a new answer with the same names must not build the charts anew.
  const groups = createMemo<ChartGroup[]>(() => chartGroups(shown()), [], {
    equals: (a, b) => JSON.stringify(a) === JSON.stringify(b),
  });
  return (
    <Show when={props.names.length > 0} fallback={props.empty}>
      <Controls view={view} hasEpoch={props.hasEpoch} />
      <Show when={props.store.error()}>
        {(error) => <ErrorNotice error={error()} onRetry={() => props.store.reload()} />}
      </Show>
      <For
        each={groups()}
        fallback={
          <EmptyState title="No metric has this in its name">
            Clear the filter to see all {props.names.length}.
          </EmptyState>
        }
      >
        {(group) => (
          <details class={styles.group} open>
            <summary class={styles.groupTitle}>
              {group.title} <span class={styles.count}>{group.charts.length}</span>
            </summary>
            <div class={styles.grid}>
              <For each={group.charts}>
                {(spec) => (
                  <ChartPanel
                    spec={spec}
                    store={props.store}
                    view={view}
                    startMs={props.startMs}
                    group={cursor}
                    runName={props.runName}
                  />
                )}
              </For>
            </div>
          </details>
        )}
      </For>
    </Show>
  );
}

function Controls(props: { view: ChartView; hasEpoch: boolean }): JSX.Element {
  return (
    <div class={styles.controls} role="group" aria-label="How the charts are drawn">
      <input
        type="search"
        class={styles.filter}
        placeholder="Filter metrics"
        aria-label="Filter metrics by name"
        title="A part of the name, or a regular expression: ^val/ or loss|lr"
        value={props.view.filter()}
        onInput={(event) => props.view.setFilter(event.currentTarget.value)}
      />
      <label class={styles.control}>
        <span>X axis</span>
        <select
          class={styles.select}
          value={props.view.axis()}
          onChange={(event) => props.view.setAxis(event.currentTarget.value as XAxis)}
        >
          <For each={X_AXES.filter((one) => one.value !== "epoch" || props.hasEpoch)}>
            {(one) => <option value={one.value}>{one.label}</option>}
          </For>
        </select>
      </label>
      <label class={styles.control} title="Kind of average; the raw line stays, pale">
        <span class="visually-hidden">Kind of smoothing</span>
        <select
          class={styles.select}
          value={props.view.smoothingKind()}
          onChange={(event) =>
            props.view.setSmoothingKind(event.currentTarget.value as SmoothingKind)
          }
        >
          <For each={SMOOTHINGS}>{(one) => <option value={one.value}>{one.label}</option>}</For>
        </select>
      </label>
      <label class={styles.control}>
        <span>Smoothing</span>
        <input
          type="range"
          min="0"
          max={MOST_SMOOTHING}
          step="0.01"
          value={props.view.smoothing()}
          onInput={(event) => props.view.setSmoothing(event.currentTarget.valueAsNumber)}
        />
        <output class={styles.output}>{props.view.smoothing().toFixed(2)}</output>
      </label>
      <label class={styles.control}>
        <input
          type="checkbox"
          checked={props.view.isLog()}
          onChange={(event) => props.view.setLog(event.currentTarget.checked)}
        />
        <span>Log scale</span>
      </label>
      <label
        class={styles.control}
        title="Leave the farthest hundredth of the values out of the range"
      >
        <input
          type="checkbox"
          checked={props.view.isClipped()}
          onChange={(event) => props.view.setClipped(event.currentTarget.checked)}
        />
        <span>Cut outliers</span>
      </label>
      <Show
        when={props.view.window()}
        fallback={<span class={styles.tip}>Drag across a chart to zoom all</span>}
      >
        {(window) => (
          <Button
            size="small"
            icon={<RotateCcw size={14} />}
            onClick={() => props.view.setWindow(null)}
          >
            Steps {window().first.toLocaleString("en")}–{window().last.toLocaleString("en")}: show
            all
          </Button>
        )}
      </Show>
    </div>
  );
}
