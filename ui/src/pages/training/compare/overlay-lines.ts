/** The lines of one metric over many runs, or over groups of them. */
import { emaOf } from "~/charts/average";
import { smooth } from "~/charts/smooth";
import { type XAxis, xOf } from "../detail/axes";
import type { RunGroup, RunLook } from "./looks";
import type { LoadedRun, RunsStore } from "./runs-store";

export interface OverlayLine {
  label: string;
  /** The run, null for the mean of a group. */
  run: string | null;
  color: number;
  dash: number;
  x: Float64Array;
  y: Float64Array;
  /** The spread around a mean; absent for a run. */
  low?: Float64Array;
  high?: Float64Array;
}

export type BandKind = "std" | "range";

export interface OverlayView {
  axis: XAxis;
  smoothing: number;
}

/** One line for each run that has the metric, in the order of the runs. */
export function runLines(
  name: string,
  store: RunsStore,
  looks: readonly RunLook[],
  view: OverlayView,
): OverlayLine[] {
  const loaded = store.series(name);
  const epochs = view.axis === "epoch" ? store.series("epoch") : undefined;
  if (!loaded) return [];
  const range = rangeOf(looks, loaded);
  return looks.flatMap((look) => {
    const series = loaded.get(look.run.id);
    if (!series || series.points.n === 0) return [];
    const { points } = series;
    const { started_ms, id, name: label } = look.run;
    const x = xOf(points, view.axis, started_ms, epochs?.get(id)?.points);
    const y = view.smoothing > 0 ? averageOf(series, view.smoothing, range) : points.values();
    const sorted = inOrder(x, y);
    return [{ label, run: id, color: look.color, dash: look.dash, ...sorted }];
  });
}

/**
 * The server's average of every logged point, as the page of the run shows it; what it has not
 * answered yet, or has too many points for, is estimated from the points there are.
 */
function averageOf({ points, isExact }: LoadedRun, weight: number, range: number): Float64Array {
  const averages = points.averages();
  if (averages) return averages;
  return isExact
    ? emaOf(points.values(), weight)
    : smooth(points.steps(), points.values(), weight, range);
}

function rangeOf(looks: readonly RunLook[], loaded: ReadonlyMap<string, LoadedRun>): number {
  let first = Number.POSITIVE_INFINITY;
  let last = Number.NEGATIVE_INFINITY;
  for (const { run } of looks) {
    const points = loaded.get(run.id)?.points;
    if (points && points.n > 0) {
      first = Math.min(first, points.step[0] ?? first);
      last = Math.max(last, points.step[points.n - 1] ?? last);
    }
  }
  return last - first;
}

/** Points by rising x; wall times may fall where a run was resumed. */
function inOrder(x: Float64Array, y: Float64Array): { x: Float64Array; y: Float64Array } {
  let isRising = true;
  for (let i = 1; i < x.length && isRising; i += 1) isRising = (x[i] ?? 0) >= (x[i - 1] ?? 0);
  if (isRising) return { x: x.slice(), y: y.slice() };
  const order = Uint32Array.from(x, (_, i) => i).toSorted((a, b) => (x[a] ?? 0) - (x[b] ?? 0));
  const pick = (column: Float64Array): Float64Array =>
    Float64Array.from(order, (i) => column[i] ?? Number.NaN);
  return { x: pick(x), y: pick(y) };
}

const GRID = 300;

/** The mean of each group with its spread, from the lines of its runs. */
export function groupLines(
  groups: readonly RunGroup[],
  lines: readonly OverlayLine[],
  band: BandKind,
): OverlayLine[] {
  const byRun = new Map(lines.map((line) => [line.run, line]));
  return groups.flatMap((group) => {
    const members = group.members.flatMap(({ run }) => byRun.get(run.id) ?? []);
    if (members.length === 0) return [];
    const { label, color, dash } = group;
    const of = members.length === 1 ? "1 run" : `${members.length} runs`;
    return [{ label: `${label} (${of})`, run: null, color, dash, ...meanOf(members, band) }];
  });
}

type Mean = Required<Pick<OverlayLine, "x" | "y" | "low" | "high">>;

/**
 * The mean over runs at each x that one of them logged, at most `GRID` of them. A run counts
 * between its first and its last point, on the straight line between its neighbours there.
 */
export function meanOf(lines: readonly OverlayLine[], band: BandKind): Mean {
  const x = gridOf(lines);
  const columns = lines.map((line) => interpolated(line, x));
  const [y, low, high] = [0, 0, 0].map(() => new Float64Array(x.length).fill(Number.NaN));
  if (!y || !low || !high) throw new Error("three columns were made");
  for (let i = 0; i < x.length; i += 1) {
    const values = columns.map((column) => column[i] ?? Number.NaN).filter(Number.isFinite);
    const n = values.length;
    if (n > 0) {
      const mean = values.reduce((sum, value) => sum + value, 0) / n;
      const squares = values.reduce((sum, value) => sum + (value - mean) ** 2, 0);
      const std = n > 1 ? Math.sqrt(squares / (n - 1)) : 0;
      y[i] = mean;
      low[i] = band === "std" ? mean - std : Math.min(...values);
      high[i] = band === "std" ? mean + std : Math.max(...values);
    }
  }
  return { x, y, low, high };
}

function gridOf(lines: readonly OverlayLine[]): Float64Array {
  const all = new Set<number>();
  for (const line of lines) for (const x of line.x) if (Number.isFinite(x)) all.add(x);
  const xs = Float64Array.from(all).toSorted();
  if (xs.length <= GRID) return xs;
  const [first, last] = [xs[0] ?? 0, xs.at(-1) ?? 0];
  return Float64Array.from({ length: GRID }, (_, i) => first + ((last - first) * i) / (GRID - 1));
}

/** The line at each x of a rising grid; NaN outside of it and beside what is not finite. */
export function interpolated(line: Pick<OverlayLine, "x" | "y">, grid: Float64Array): Float64Array {
  const found = new Float64Array(grid.length).fill(Number.NaN);
  const n = line.x.length;
  let at = 0;
  for (let i = 0; i < grid.length; i += 1) {
    const x = grid[i] ?? Number.NaN;
    while (at + 1 < n && (line.x[at + 1] ?? 0) <= x) at += 1;
    const [x0, y0] = [line.x[at] ?? Number.NaN, line.y[at] ?? Number.NaN];
    const [x1, y1] = [line.x[at + 1] ?? Number.NaN, line.y[at + 1] ?? Number.NaN];
    if (x === x0) found[i] = y0;
    else if (x > x0 && x < x1) found[i] = y0 + ((y1 - y0) * (x - x0)) / (x1 - x0);
  }
  return found;
}
