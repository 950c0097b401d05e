import uPlot from "uplot";

/** One line of a chart. `x` must not fall; `y` may hold NaN and infinities. */
export interface ChartSeries {
  label: string;
  x: ArrayLike<number>;
  y: ArrayLike<number>;
  /** Which of the ten series colours, and beyond the tenth which dash as well. */
  color: number;
  dash?: number;
  /** Drawn pale and without an entry in the legend: the raw line behind a smoothed one. */
  isFaint?: boolean;
}

/** Colours there are; then they repeat with another dash. */
export const COLORS = 10;
export const DASHES: readonly (readonly number[])[] = [[], [6, 4], [2, 3], [10, 4, 2, 4]];

/** The columns that uPlot draws: one x for all, a gap where a value cannot be drawn. */
export function alignedOf(series: readonly ChartSeries[], isLog: boolean): uPlot.AlignedData {
  if (series.length === 0) return [[], []];
  const groups = byX(series);
  const tables = groups.map((group): uPlot.AlignedData => [
    Array.from(series[group[0] ?? 0]?.x ?? []),
    ...group.map((at) => Array.from(series[at]?.y ?? [], (value) => drawable(value, isLog))),
  ]);
  const [only] = tables;
  if (tables.length === 1 && only) return only;
  const [x, ...columns] = uPlot.join(tables);
  const ordered: typeof columns = [];
  for (const [column, at] of groups.flat().entries()) ordered[at] = columns[column] ?? [];
  return [x, ...ordered];
}

/** Which series have the same x: what was logged together needs no joining, which is slow. */
function byX(series: readonly ChartSeries[]): number[][] {
  const groups: number[][] = [];
  for (const [at, one] of series.entries()) {
    const group = groups.find((others) => isSameX(series[others[0] ?? 0]?.x ?? [], one.x));
    if (group) group.push(at);
    else groups.push([at]);
  }
  return groups;
}

function isSameX(a: ArrayLike<number>, b: ArrayLike<number>): boolean {
  if (a === b) return true;
  if (a.length !== b.length) return false;
  for (let i = a.length - 1; i >= 0; i -= 1) if (a[i] !== b[i]) return false;
  return true;
}

function drawable(value: number, isLog: boolean): number | null {
  return Number.isFinite(value) && (!isLog || value > 0) ? value : null;
}

/** The x of every point that has no finite value, for the marks at the foot of the chart. */
export function brokenXs(series: readonly ChartSeries[]): { x: number; color: number }[] {
  const broken: { x: number; color: number }[] = [];
  for (const one of series) {
    if (!one.isFaint) {
      for (let i = 0; i < one.y.length; i += 1) {
        if (!Number.isFinite(one.y[i])) broken.push({ x: one.x[i] ?? 0, color: one.color });
      }
    }
  }
  return broken;
}

/** The value of a line at `x`: that of the nearest point, null without points. */
export function valueAt(series: ChartSeries, x: number): number | null {
  return series.y[nearest(series, x)] ?? null;
}

/** The index of the point nearest to `x`, -1 without points. */
export function nearest(series: ChartSeries, x: number): number {
  let low = 0;
  let high = series.x.length - 1;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((series.x[middle] ?? 0) < x) low = middle + 1;
    else high = middle;
  }
  const isBeforeNearer = low > 0 && x - (series.x[low - 1] ?? 0) < (series.x[low] ?? 0) - x;
  return series.x.length === 0 ? -1 : low - Number(isBeforeNearer);
}

/** The last value of a line, null without points. */
export function lastOf(series: ChartSeries): number | null {
  return series.y[series.y.length - 1] ?? null;
}
