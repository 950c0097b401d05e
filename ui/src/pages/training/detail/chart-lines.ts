import { emaOf, gaussian, halfWidth, runningMean, type SmoothingKind } from "~/charts/average";
import type { ChartSeries } from "~/charts/series";
import { COLORS } from "~/charts/series";
import { smooth } from "~/charts/smooth";
import { type XAxis, xOf } from "./axes";
import type { LoadedSeries, SeriesStore } from "./series-store";

export interface LineView {
  axis: XAxis;
  smoothing: number;
  smoothingKind: SmoothingKind;
  startMs: number;
}

/** The lines of one chart: the raw one, and with smoothing a pale raw one behind the average. */
export function linesOf(
  names: readonly string[],
  store: SeriesStore,
  view: LineView,
): ChartSeries[] {
  const epoch = view.axis === "epoch" ? store.series("epoch")?.points : undefined;
  const loaded = names.map((name) => store.series(name));
  const range = rangeOf(loaded);
  const lines = names.flatMap((name, index) => {
    const series = loaded[index];
    return series ? linesOfSeries(name, index, series, { ...view, range }, epoch) : [];
  });
  // Pale lines first: the averages are drawn over them.
  return lines.toSorted((a, b) => Number(b.isFaint ?? false) - Number(a.isFaint ?? false));
}

function linesOfSeries(
  name: string,
  index: number,
  loaded: LoadedSeries,
  view: LineView & { range: number },
  epoch: LoadedSeries["points"] | undefined,
): ChartSeries[] {
  const { points } = loaded;
  const x = xOf(points, view.axis, view.startMs, epoch);
  const look = { label: name, color: index % COLORS, dash: Math.floor(index / COLORS) };
  const raw = inOrder(x, points.values());
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
