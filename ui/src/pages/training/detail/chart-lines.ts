import { emaOf, gaussian, halfWidth, runningMean, type SmoothingKind } from "~/charts/average";
import type { ChartSeries } from "~/charts/series";
import { COLORS } from "~/charts/series";
import { smooth } from "~/charts/smooth";
import { Points } from "~/charts/points";
import { type RunAxis, valuesAt, xOf } from "./axes";
import type { LoadedSeries, SeriesStore } from "./series-store";
import { systemUnit } from "./system";

export interface LineView {
  axis: RunAxis;
  smoothing: number;
  smoothingKind: SmoothingKind;
  startMs: number;
}

/** Load what the lines of a chart `pixels` wide are made of; tracks what is there. */
export function needLines(
  names: readonly string[],
  store: SeriesStore,
  axis: RunAxis,
  pixels: number,
): void {
  for (const name of names) store.need(name, pixels);
  if (axis.value === "epoch") store.need("epoch", pixels);
  if (axis.metric === null) return;
  store.need(axis.metric, pixels);
  for (const name of names) {
    const isThinned = [name, axis.metric].some((one) => store.series(one)?.isExact === false);
    if (isThinned) store.need(name, pixels, axis.metric);
  }
}

/** A series and its x, in the order of steps; undefined until it is loaded. */
export function placed(
  name: string,
  store: SeriesStore,
  axis: RunAxis,
  startMs: number,
): (LoadedSeries & { x: Float64Array }) | undefined {
  const plain = store.series(name);
  if (!plain) return undefined;
  if (axis.metric === null) {
    const epoch = axis.value === "epoch" ? store.series("epoch")?.points : undefined;
    return { ...plain, x: xOf(plain.points, axis.value, startMs, epoch) };
  }
  const over = store.series(axis.metric)?.points;
  const joined = store.series(name, axis.metric);
  if (!over) return undefined;
  if (plain.isExact && store.series(axis.metric)?.isExact) {
    return withX(plain, valuesAt(plain.points.steps(), over));
  }
  return joined?.x && withTail(joined, joined.x, plain, over);
}

/** The points that have a finite x. */
function withX(series: LoadedSeries, x: Float64Array): LoadedSeries & { x: Float64Array } {
  if (x.every(Number.isFinite)) return { ...series, x };
  const { points } = series;
  const pick = (column: Float64Array): Float64Array =>
    column.filter((_, i) => Number.isFinite(x[i]));
  const average = points.averages();
  const kept = new Points(
    pick(points.steps()),
    pick(points.values()),
    pick(points.wallTimes()),
  ).withAverage(average ? pick(average) : undefined, points.averageWeight);
  return { ...series, points: kept, x: pick(x) };
}

/** What the server joined, and after it what came live. */
function withTail(
  joined: LoadedSeries,
  x: Float64Array,
  plain: LoadedSeries,
  over: Points,
): LoadedSeries & { x: Float64Array } {
  const last = joined.points.steps().at(-1) ?? Number.NEGATIVE_INFINITY;
  const steps = plain.points.steps();
  const start = steps.findIndex((step) => step > last);
  if (start < 0) return { ...joined, x };
  const whole = (a: Float64Array, b: Float64Array): Float64Array => joinedUp(a, b.subarray(start));
  const [before, after] = [joined.points.averages(), plain.points.averages()];
  const points = new Points(
    whole(joined.points.steps(), steps),
    whole(joined.points.values(), plain.points.values()),
    whole(joined.points.wallTimes(), plain.points.wallTimes()),
  ).withAverage(before && after ? whole(before, after) : undefined, joined.points.averageWeight);
  const tail = valuesAt(steps.subarray(start), over);
  return withX({ ...joined, points }, joinedUp(x, tail));
}

function joinedUp(a: Float64Array, b: Float64Array): Float64Array {
  const both = new Float64Array(a.length + b.length);
  both.set(a);
  both.set(b, a.length);
  return both;
}

/** The lines without their points at an x of zero and below, which a log axis has no place for. */
export function withPositiveX(lines: readonly ChartSeries[]): {
  lines: ChartSeries[];
  nLeftOut: number;
} {
  let nLeftOut = 0;
  const kept = lines.map((line) => {
    // By rising x: what is left out is at the beginning.
    let start = 0;
    while (start < line.x.length && !((line.x[start] ?? 0) > 0)) start += 1;
    if (!line.isFaint) nLeftOut += start;
    if (start === 0) return line;
    return { ...line, x: Array.from(line.x).slice(start), y: Array.from(line.y).slice(start) };
  });
  return { lines: kept, nLeftOut };
}

/** The lines of one chart: the raw one, and with smoothing a pale raw one behind the average. */
export function linesOf(
  names: readonly string[],
  store: SeriesStore,
  view: LineView,
): ChartSeries[] {
  const loaded = names.map((name) => placed(name, store, view.axis, view.startMs));
  const range = rangeOf(loaded);
  const highest = highestOf(names, loaded);
  const lines = names.flatMap((name, index) => {
    const series = loaded[index];
    return series ? linesOfSeries(name, index, series, { ...view, range, highest }) : [];
  });
  // Pale lines first: the averages are drawn over them.
  return lines.toSorted((a, b) => Number(b.isFaint ?? false) - Number(a.isFaint ?? false));
}

function linesOfSeries(
  name: string,
  index: number,
  loaded: LoadedSeries & { x: Float64Array },
  view: LineView & { range: number; highest: number },
): ChartSeries[] {
  const { points, x } = loaded;
  const look = {
    label: name,
    color: index % COLORS,
    dash: Math.floor(index / COLORS),
    unit: systemUnit(name, view.highest),
  };
  const raw = { ...inOrder(x, points.values()), isThinned: !loaded.isExact };
  if (view.smoothing <= 0) return [{ ...look, ...raw }];
  const average = inOrder(x, averageOf(loaded, view));
  return [
    { ...look, ...raw, isFaint: true },
    { ...look, ...average },
  ];
}

/**
 * The smoothed values. The server's average stays until its next answer, also when the slider has
 * moved on; what it has not answered yet is estimated from the points there are.
 */
function averageOf(
  { points, isExact }: LoadedSeries,
  view: LineView & { range: number },
): Float64Array {
  const half = halfWidth(view.smoothing, view.range);
  switch (view.smoothingKind) {
    case "mean":
      return runningMean(points.steps(), points.values(), half);
    case "gaussian":
      return gaussian(points.steps(), points.values(), half);
    case "ema":
      return (
        points.averages() ??
        (isExact
          ? emaOf(points.values(), view.smoothing)
          : smooth(points.steps(), points.values(), view.smoothing, view.range))
      );
  }
}

/** The highest value of the machine's figures, by which their unit is chosen; 0 without any. */
function highestOf(
  names: readonly string[],
  loaded: readonly (LoadedSeries | undefined)[],
): number {
  let highest = 0;
  for (const [at, series] of loaded.entries()) {
    if (systemUnit(names[at] ?? "", 0)) {
      for (const value of series?.points.values() ?? []) {
        if (value > highest && value < Number.POSITIVE_INFINITY) highest = value;
      }
    }
  }
  return highest;
}

/** The steps that the chart spans, over all its series. */
function rangeOf(loaded: readonly (LoadedSeries | undefined)[]): number {
  let first = Number.POSITIVE_INFINITY;
  let last = Number.NEGATIVE_INFINITY;
  for (const series of loaded) {
    if (series && series.points.n > 0) {
      first = Math.min(first, series.points.step[0] ?? first);
      last = Math.max(last, series.points.steps().at(-1) ?? last);
    }
  }
  return last - first;
}

/** Points by rising x. Steps rise already; wall times may not, where a run was resumed. */
function inOrder(x: Float64Array, y: Float64Array): { x: Float64Array; y: Float64Array } {
  let isRising = true;
  for (let i = 1; i < x.length && isRising; i += 1) isRising = (x[i] ?? 0) >= (x[i - 1] ?? 0);
  if (isRising) return { x, y };
  const order = Uint32Array.from(x, (_, i) => i).toSorted((a, b) => (x[a] ?? 0) - (x[b] ?? 0));
  const pick = (column: Float64Array): Float64Array =>
    Float64Array.from(order, (i) => column[i] ?? Number.NaN);
  return { x: pick(x), y: pick(y) };
}
