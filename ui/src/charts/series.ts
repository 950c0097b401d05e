import uPlot from "uplot";
import type { Unit } from "./units";

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
  /** Not every logged point is there, but the extremes: drawn as a band with a line through it. */
  isThinned?: boolean;
  /** NaN is a pause and no value: the line ends there without a mark, a point alone is a dot. */
  hasGaps?: boolean;
  /** What the values are shown in; without one they are shown as they are. */
  unit?: Unit | undefined;
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
    ...group.map((at) =>
      Array.from(series[at]?.y ?? [], (value) => (isDrawable(value, isLog) ? value : null)),
    ),
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

/** Whether a line can go through a value: it is finite, and above zero on a log scale. */
export function isDrawable(value: number, isLog: boolean): boolean {
  return Number.isFinite(value) && (!isLog || value > 0);
}

/** The lines whose points were logged: of a smoothed one the pale line behind the average. */
export function loggedOf(series: readonly ChartSeries[]): ChartSeries[] {
  const raw = new Set(series.filter((one) => one.isFaint).map((one) => one.label));
  return series.filter((one) => one.isFaint || !raw.has(one.label));
}

/** The points that no line reaches, as neither neighbour can be drawn. */
export function loneOf(column: ArrayLike<number | null | undefined>): number[] {
  const lone: number[] = [];
  for (let i = 0; i < column.length; i += 1) {
    const isDrawn = (column[i] ?? null) !== null;
    if (isDrawn && (column[i - 1] ?? null) === null && (column[i + 1] ?? null) === null) {
      lone.push(i);
    }
  }
  return lone;
}

/** The value of a line at `x`: that of the nearest point, null without points. */
export function valueAt(series: ChartSeries, x: number): number | null {
  return series.y[nearest(series, x)] ?? null;
}

/** The index of the point nearest to `x`, -1 without points. */
export function nearest(series: ChartSeries, x: number): number {
  return nearestTo(series.x, x);
}

/** The index of what is nearest to `x` in a column that does not fall, -1 in an empty one. */
export function nearestTo(column: ArrayLike<number>, x: number): number {
  let low = 0;
  let high = column.length - 1;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((column[middle] ?? 0) < x) low = middle + 1;
    else high = middle;
  }
  const isBeforeNearer = low > 0 && x - (column[low - 1] ?? 0) < (column[low] ?? 0) - x;
  return column.length === 0 ? -1 : low - Number(isBeforeNearer);
}

/** The last value of a line, null without points. */
export function lastOf(series: ChartSeries): number | null {
  return series.y[series.y.length - 1] ?? null;
}
