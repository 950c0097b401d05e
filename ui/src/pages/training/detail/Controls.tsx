import { A } from "@solidjs/router";
import RotateCcw from "lucide-solid/icons/rotate-ccw";
import { For, type JSX, Show } from "solid-js";
import { SMOOTHINGS, type SmoothingKind } from "~/charts/average";
import { clockText } from "~/charts/format";
import { Button } from "~/components/Button/Button";
import { axisOf, metricX, X_AXES, type XAxis } from "./axes";
import styles from "./charts.module.css";
import type { StepWindow } from "./series-store";
import { type ChartView, MOST_SMOOTHING } from "./view";

/** Without a choice each chart has the x that its run defines for it, else the step. */
function XSelect(props: {
  view: ChartView;
  hasEpoch: boolean;
  known: readonly string[];
  hasOwnX: boolean;
  usualX: XAxis;
}): JSX.Element {
  const chosen = (): string => {
    const text = props.view.chosenX();
    if (text === "") return props.hasOwnX ? "" : props.usualX;
    return props.known.some((name) => metricX(name) === text) ? text : axisOf(text).value;
  };
  return (
    <label class={styles.control}>
      <span>X axis</span>
      <select
        class={styles.select}
        value={chosen()}
        onChange={({ currentTarget: { value } }) =>
          props.view.setChosenX(value === props.usualX && !props.hasOwnX ? "" : value)
        }
      >
        <Show when={props.hasOwnX}>
          <option value="">As defined</option>
        </Show>
        <For each={X_AXES.filter((one) => one.value !== "epoch" || props.hasEpoch)}>
          {(one) => <option value={one.value}>{one.label}</option>}
        </For>
        <optgroup label="Metrics">
          <For each={props.known.filter((name) => name !== "epoch")}>
            {(name) => (
              <option value={metricX(name)} selected={chosen() === metricX(name)}>
                {name}
              </option>
            )}
          </For>
        </optgroup>
      </select>
    </label>
  );
}

export interface ControlsProps {
  view: ChartView;
  times: { from: number; to: number } | null;
  hasEpoch: boolean;
  known: readonly string[];
  hasOwnX: boolean;
  /** The x without a choice. */
  usualX: XAxis;
}

/** How the charts of the page are drawn: x, smoothing, scales, the zoom. */
export function Controls(props: ControlsProps): JSX.Element {
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
      <XSelect {...props} />
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
      <label class={styles.control} title="Points at an x of zero and below are left out">
        <input
          type="checkbox"
          checked={props.view.isLogX()}
          onChange={(event) => props.view.setLogX(event.currentTarget.checked)}
        />
        <span>Log x</span>
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
          <>
            <Button
              size="small"
              icon={<RotateCcw size={14} />}
              title="Escape does the same"
              onClick={() => props.view.setWindow(null)}
            >
              {windowText(window())}: show all
            </Button>
            <Show when={props.times}>
              {(times) => (
                <A href={`?tab=logs&from=${Math.floor(times().from)}&to=${Math.ceil(times().to)}`}>
                  The log of that time
                </A>
              )}
            </Show>
          </>
        )}
      </Show>
    </div>
  );
}

function windowText(window: NonNullable<StepWindow>): string {
  if (window.isWall) return `${clockText(window.first / 1000)}–${clockText(window.last / 1000)}`;
  return `Steps ${window.first.toLocaleString("en")}–${window.last.toLocaleString("en")}`;
}
