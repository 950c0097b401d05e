/** Points that no line can show: each kind has a mark of its own, and words. */
import type { ChartSeries } from "./series";

export type BrokenKind = "nan" | "high" | "low";

export interface BrokenPoint {
  x: number;
  color: number;
  kind: BrokenKind;
}

/** In the order of their notes. `sign` is the mark as a letter, `words` what is read aloud. */
export const BROKEN: Readonly<Record<BrokenKind, { sign: string; words: string }>> = {
  nan: { sign: "✕", words: "NaN" },
  high: { sign: "▲", words: "+infinity" },
  low: { sign: "▼", words: "−infinity" },
};

const KINDS: readonly BrokenKind[] = ["nan", "high", "low"];

/** A corner of a mark, in marks' sizes from the point of the edge where it stands. */
type Corner = readonly [right: number, inward: number];

/** The strokes of each mark, inwards from the edge: NaN and −infinity stand at the foot, +infinity at the head. */
export const MARKS: Readonly<Record<BrokenKind, readonly (readonly Corner[])[]>> = {
  nan: [
    [
      [-0.8, 0.2],
      [0.8, 1.8],
    ],
    [
      [-0.8, 1.8],
      [0.8, 0.2],
    ],
  ],
  high: [
    [
      [-1, 1.6],
      [1, 1.6],
      [0, 0],
    ],
  ],
  low: [
    [
      [-1, 1.6],
      [1, 1.6],
      [0, 0],
    ],
  ],
};

/** What a value is that is no number to draw; null for one that is. */
export function brokenKind(value: number): BrokenKind | null {
  if (Number.isFinite(value)) return null;
  if (Number.isNaN(value)) return "nan";
  return value > 0 ? "high" : "low";
}

/** Every point that has no finite value; an average has none where the raw line has none. */
export function brokenPoints(series: readonly ChartSeries[]): BrokenPoint[] {
  const broken: BrokenPoint[] = [];
  for (const { x, y, color } of series.filter((one) => !one.isFaint && !one.hasGaps)) {
    for (let i = 0; i < y.length; i += 1) {
      const kind = brokenKind(y[i] ?? Number.NaN);
      if (kind) broken.push({ x: x[i] ?? 0, color, kind });
    }
  }
  return broken;
}

/** How many there are of each kind, in words; of thinned lines at least as many. */
export function brokenNotes(series: readonly ChartSeries[]): string[] {
  const broken = brokenPoints(series);
  const least = leastText(series);
  return KINDS.flatMap((kind) => {
    const n = broken.filter((one) => one.kind === kind).length;
    const { sign, words } = BROKEN[kind];
    return n === 0 ? [] : [`${sign} ${least}${countText(n)} ${n === 1 ? "is" : "are"} ${words}`];
  });
}

/** One mark for those of a kind and colour that would lie upon each other; `place` is in pixels. */
export function marksOf(
  points: readonly BrokenPoint[],
  place: (x: number) => number,
  apart: number,
): (BrokenPoint & { at: number })[] {
  const last = new Map<string, number>();
  return points.flatMap((point) => {
    const at = place(point.x);
    const key = `${point.kind} ${point.color}`;
    const before = last.get(key);
    if (before !== undefined && Math.abs(at - before) < apart) return [];
    last.set(key, at);
    return [{ ...point, at }];
  });
}

/** A count of points as people say it. */
export function countText(n: number): string {
  return n === 1 ? "1 point" : `${n.toLocaleString("en")} points`;
}

/** What stands before a count of points where a line has lost some. */
export function leastText(series: readonly ChartSeries[]): string {
  return series.some((one) => one.isThinned) ? "at least " : "";
}
