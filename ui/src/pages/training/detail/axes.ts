import type { AxisKind } from "~/charts/options";
import type { Points } from "~/charts/points";
import { systemPlace } from "./system";

/** What the charts of a run are drawn over. */
export const X_AXES = [
  { value: "step", label: "Step", kind: "number" },
  { value: "epoch", label: "Epoch", kind: "number" },
  { value: "relative", label: "Time since start", kind: "elapsed" },
  { value: "wall", label: "Clock", kind: "clock" },
] as const satisfies readonly { value: string; label: string; kind: AxisKind }[];

export type XAxis = (typeof X_AXES)[number]["value"];

/** Read an axis from the address; anything else is the step. */
export function axisOf(value: string | undefined): (typeof X_AXES)[number] {
  return X_AXES.find((one) => one.value === value) ?? X_AXES[0];
}

/** What a chart of one run is drawn over: an axis, or another metric, joined by step. */
export interface RunAxis {
  value: XAxis;
  metric: string | null;
  label: string;
  kind: AxisKind;
}

const METRIC = "metric:";

/** How a metric as x is written in the address. */
export function metricX(name: string): string {
  return METRIC + name;
}

/** The axis of the machine's figures without a choice: they are logged by time, whatever the step. */
export const SYSTEM_X: XAxis = "wall";

/**
 * The x of a chart of `name`. Without a choice it is what the run defines for that metric, and the
 * clock for a figure of the machine; a metric that the run has no point of is no axis, and the chart
 * is drawn over the steps.
 */
export function runAxis(
  chosen: string,
  name: string,
  definitions: Definitions,
  known: readonly string[],
): RunAxis {
  const metric = chosen === "" ? stepMetricOf(name, definitions) : metricOf(chosen);
  if (metric !== null && known.includes(metric)) {
    return { value: "step", metric, label: metric, kind: "number" };
  }
  const isByTime = chosen === "" && systemPlace(name) !== null;
  return { ...axisOf(isByTime ? SYSTEM_X : chosen), metric: null };
}

export type Definitions = Readonly<Record<string, { step_metric?: string }>>;

function metricOf(chosen: string): string | null {
  return chosen.startsWith(METRIC) ? chosen.slice(METRIC.length) : null;
}

/** A definition of the name itself comes before the longest that ends in `*`. */
function stepMetricOf(name: string, definitions: Definitions): string | null {
  const [pattern] = Object.keys(definitions)
    .filter((one) => one === name || (one.endsWith("*") && name.startsWith(one.slice(0, -1))))
    .toSorted((a, b) => Number(b === name) - Number(a === name) || b.length - a.length);
  return (pattern !== undefined && definitions[pattern]?.step_metric) || null;
}

/** What `over` had at each of the steps, the last where it came twice, NaN where it had nothing. */
export function valuesAt(steps: Float64Array, over: Points): Float64Array {
  const there = over.steps();
  const values = over.values();
  let at = 0;
  return steps.map((step) => {
    while (at < there.length && (there[at] ?? 0) <= step) at += 1;
    return there[at - 1] === step ? (values[at - 1] ?? Number.NaN) : Number.NaN;
  });
}

/** The x of every point on an axis. `startMs` is when the run began, `epoch` its own series. */
export function xOf(
  points: Points,
  axis: XAxis,
  startMs: number,
  epoch: Points | undefined,
): Float64Array {
  switch (axis) {
    case "relative":
      return points.wallTimes().map((wall) => (wall - startMs) / 1000);
    case "wall":
      return points.wallTimes().map((wall) => wall / 1000);
    case "epoch":
      return epochsOf(points.steps(), epoch);
    case "step":
      return points.steps();
  }
}

/**
 * Where each step lies among the epochs, with fractions: a script logs a whole number that jumps
 * once an epoch, and points piled upon each other at 3 would hide what happened within it.
 */
export function epochsOf(steps: Float64Array, epoch: Points | undefined): Float64Array {
  const starts = epochStarts(epoch);
  const [first] = starts;
  if (!first) return steps.map(() => Number.NaN);
  let at = 0;
  return steps.map((step) => {
    while (at + 1 < starts.length && (starts[at + 1]?.step ?? 0) <= step) at += 1;
    const here = starts[at] ?? first;
    const next = starts[at + 1];
    const before = starts[at - 1];
    const length = next
      ? next.step - here.step
      : before
        ? here.step - before.step
        : Math.max(1, (epoch?.steps().at(-1) ?? 0) - here.step + 1);
    const rise = next ? next.epoch - here.epoch : 1;
    return here.epoch + Math.min(1, Math.max(0, (step - here.step) / length)) * rise;
  });
}

function epochStarts(epoch: Points | undefined): { step: number; epoch: number }[] {
  const starts: { step: number; epoch: number }[] = [];
  if (!epoch) return starts;
  for (let i = 0; i < epoch.n; i += 1) {
    const value = epoch.value[i] ?? Number.NaN;
    if (value > (starts.at(-1)?.epoch ?? Number.NEGATIVE_INFINITY)) {
      starts.push({ step: epoch.step[i] ?? 0, epoch: value });
    }
  }
  return starts;
}

/** The steps whose x lies between `from` and `to`: the server's windows are in steps. */
export function stepsBetween(
  steps: ArrayLike<number>,
  x: ArrayLike<number>,
  from: number,
  to: number,
): { first: number; last: number } | null {
  let first: number | undefined;
  let last: number | undefined;
  for (let i = 0; i < steps.length; i += 1) {
    const at = x[i] ?? Number.NaN;
    if (at >= from && at <= to) {
      first ??= steps[i];
      last = steps[i];
    }
  }
  if (first === undefined || last === undefined || first === last) return null;
  return { first, last };
}
