import RotateCcw from "lucide-solid/icons/rotate-ccw";
import { createEffect, createMemo, For, type JSX, onCleanup, Show } from "solid-js";
import type { RunComparison } from "~/api/types";
import { clockText, elapsedText } from "~/charts/format";
import { createCursorGroup } from "~/charts/sync";
import { Button } from "~/components/Button/Button";
import { EmptyState } from "~/components/EmptyState/EmptyState";
import { ErrorNotice } from "~/components/ErrorNotice/ErrorNotice";
import { X_AXES, type XAxis } from "../detail/axes";
import { chartGroups, isSystem } from "../detail/chart-groups";
import charts from "../detail/charts.module.css";
import { type ChartView, MOST_SMOOTHING, useChartView } from "../detail/view";
import type { Field } from "./fields";
import { groupsOf, type RunLook } from "./looks";
import type { BandKind } from "./overlay-lines";
import { OverlayPanel } from "./OverlayPanel";
import { RunsStore } from "./runs-store";
import type { CompareView, RunsWindow } from "./view";

export interface OverlayTabProps {
  comparison: RunComparison;
  view: CompareView;
  looks: readonly RunLook[];
  by: Field | undefined;
  hovered: string | null;
  onHover: (run: string | null) => void;
}

/** The same metric of all runs in one chart, for every metric, grouped by prefix. */
export function OverlayTab(props: OverlayTabProps): JSX.Element {
  const view = useChartView();
  const cursor = createCursorGroup();
  const wanted = createMemo(
    () => ({
      runs: props.comparison.runs.map(({ id, started_ms }) => ({ id, started_ms })),
      live: props.comparison.runs.filter((run) => !run.is_final).map((run) => run.id),
    }),
    undefined,
    { equals: (a, b) => JSON.stringify(a) === JSON.stringify(b) },
  );
  const store = createMemo(() => {
    const { runs, live } = wanted();
    const made = new RunsStore(runs, live);
    onCleanup(() => made.close());
    return made;
  });
  createEffect(() => store().setSmoothing(view.smoothing()));
  createEffect(() => store().setWindow(props.view.window()));
  const names = createMemo(() => props.comparison.metrics.map((metric) => metric.name), [], {
    // Read again while runs train: only other names are other charts.
    equals: (a, b) => a.join("\n") === b.join("\n"),
  });
  const shown = createMemo(() => {
    const text = view.filter().toLowerCase();
    return names().filter((name) => name.toLowerCase().includes(text));
  });
  const groups = createMemo(() =>
    chartGroups(shown()).map((group) => ({
      title: group.title,
      names: group.charts.flatMap((chart) => chart.names),
    })),
  );
  const runGroups = createMemo(() => (props.by ? groupsOf(props.looks, props.by) : null));
  const band = (): BandKind => (props.view.text("band") === "range" ? "range" : "std");
  return (
    <Show when={names().length > 0} fallback={<NoMetrics />}>
      <Controls
        view={view}
        compare={props.view}
        by={props.by}
        hasEpoch={names().includes("epoch")}
      />
      <Show when={store().error()}>
        {(error) => <ErrorNotice error={error()} onRetry={() => store().reload()} />}
      </Show>
      <For
        each={groups()}
        fallback={
          <EmptyState title="No metric has this in its name">
            Clear the filter to see all {names().length}.
          </EmptyState>
        }
      >
        {(group) => (
          <details class={charts.group} open={!group.names.every(isSystem)}>
            <summary class={charts.groupTitle}>
              {group.title} <span class={charts.count}>{group.names.length}</span>
            </summary>
            <div class={charts.grid}>
              <For each={group.names}>
                {(name) => (
                  <OverlayPanel
                    name={name}
                    store={store()}
                    view={view}
                    onWindow={props.view.setWindow}
                    looks={props.looks}
                    groups={runGroups()}
                    band={band()}
                    cursorGroup={cursor}
                    hovered={props.hovered}
                    onHover={props.onHover}
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

function NoMetrics(): JSX.Element {
  return (
    <EmptyState
      title="None of these runs has logged a metric"
      command={'run.log({"loss": loss})'}
      language="python"
    >
      Charts appear with the first point that a script logs.
    </EmptyState>
  );
}

/** Which stretch the charts show. */
function windowText({ kind, first, last }: RunsWindow): string {
  const [from, to] = [first, last].map((at) => {
    if (kind === "steps") return at.toLocaleString("en");
    return kind === "wall" ? clockText(at / 1000) : elapsedText(at / 1000);
  });
  return `${kind === "steps" ? "Steps " : ""}${from}–${to}${kind === "since" ? " of each run" : ""}`;
}

interface ControlsProps {
  view: ChartView;
  compare: CompareView;
  by: Field | undefined;
  hasEpoch: boolean;
}

function Controls(props: ControlsProps): JSX.Element {
  return (
    <div class={charts.controls} role="group" aria-label="How the charts are drawn">
      <input
        type="search"
        class={charts.filter}
        placeholder="Filter metrics"
        aria-label="Filter metrics by name"
        value={props.view.filter()}
        onInput={(event) => props.view.setFilter(event.currentTarget.value)}
      />
      <label class={charts.control}>
        <span>X axis</span>
        <select
          class={charts.select}
          value={props.view.axis()}
          onChange={(event) => props.view.setAxis(event.currentTarget.value as XAxis)}
        >
          <For each={X_AXES.filter((one) => one.value !== "epoch" || props.hasEpoch)}>
            {(one) => <option value={one.value}>{one.label}</option>}
          </For>
        </select>
      </label>
      <label class={charts.control} title="Exponential moving average">
        <span>Smoothing</span>
        <input
          type="range"
          min="0"
          max={MOST_SMOOTHING}
          step="0.01"
          value={props.view.smoothing()}
          onInput={(event) => props.view.setSmoothing(event.currentTarget.valueAsNumber)}
        />
        <output class={charts.output}>{props.view.smoothing().toFixed(2)}</output>
      </label>
      <label class={charts.control}>
        <input
          type="checkbox"
          checked={props.view.isLog()}
          onChange={(event) => props.view.setLog(event.currentTarget.checked)}
        />
        <span>Log scale</span>
      </label>
      <label
        class={charts.control}
        title="Leave the farthest hundredth of the values out of the range"
      >
        <input
          type="checkbox"
          checked={props.view.isClipped()}
          onChange={(event) => props.view.setClipped(event.currentTarget.checked)}
        />
        <span>Cut outliers</span>
      </label>
      <Show when={props.by}>
        <label class={charts.control}>
          <span>Band</span>
          <select
            class={charts.select}
            value={props.compare.text("band") || "std"}
            onChange={(event) =>
              props.compare.set(
                "band",
                event.currentTarget.value === "std" ? "" : event.currentTarget.value,
              )
            }
          >
            <option value="std">mean ± deviation</option>
            <option value="range">lowest to highest</option>
          </select>
        </label>
      </Show>
      <Show
        when={props.compare.window()}
        fallback={<span class={charts.tip}>Drag across a chart to zoom all</span>}
      >
        {(window) => (
          <Button
            size="small"
            icon={<RotateCcw size={14} />}
            onClick={() => props.compare.setWindow(null)}
          >
            {windowText(window())}: show all
          </Button>
        )}
      </Show>
    </div>
  );
}
