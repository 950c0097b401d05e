import type { AxisKind } from "~/charts/options";
import type { Points } from "~/charts/points";

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
