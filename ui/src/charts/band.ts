/** What a thinned line looks like: the span of each bucket, and a line of real values through it. */
import { type ChartSeries, isDrawable } from "./series";

/** How wide a bucket is drawn, in CSS pixels. */
export const BUCKET_PX = 2;

/** The buckets of one line that hold a point, by rising x; NaN where none of them can be drawn. */
export interface Band {
  x: Float64Array;
  low: Float64Array;
  high: Float64Array;
  /** The median of what is there of the bucket: a value that was logged, no spike draws it away. */
  middle: Float64Array;
}

export interface BandLook {
  /** How many buckets the chart has from its first x to its last. */
  buckets: number;
  isLog: boolean;
  isLogX: boolean;
}

/** The bands of those lines that are thinned, over buckets that all of them share. */
export function bandsOf(
  series: readonly ChartSeries[],
  look: BandLook,
): ReadonlyMap<ChartSeries, Band> {
  const thinned = series.filter((one) => one.isThinned);
  if (thinned.length === 0) return new Map();
  const bend = look.isLogX ? Math.log : (x: number): number => x;
  let [first, last] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (const { x } of series) {
    if (x.length > 0) {
      first = Math.min(first, bend(x[0] ?? first));
      last = Math.max(last, bend(x[x.length - 1] ?? last));
    }
  }
  const scale = look.buckets / (last - first || 1);
  const bucketOf = (x: number): number =>
    Math.min(look.buckets - 1, Math.floor((bend(x) - first) * scale));
  return new Map(thinned.map((one) => [one, bandOf(one, bucketOf, look.isLog)]));
}

function bandOf({ x, y }: ChartSeries, bucketOf: (x: number) => number, isLog: boolean): Band {
  const [at, low, high, middle]: [number[], number[], number[], number[]] = [[], [], [], []];
  let start = 0;
  while (start < x.length) {
    const bucket = bucketOf(x[start] ?? 0);
    const values: number[] = [];
    let end = start;
    for (; end < x.length && bucketOf(x[end] ?? 0) === bucket; end += 1) {
      const value = y[end] ?? Number.NaN;
      if (isDrawable(value, isLog)) values.push(value);
    }
    values.sort((a, b) => a - b);
    at.push(((x[start] ?? 0) + (x[end - 1] ?? 0)) / 2);
    low.push(values[0] ?? Number.NaN);
    high.push(values.at(-1) ?? Number.NaN);
    middle.push(values[(values.length - 1) >> 1] ?? Number.NaN);
    start = end;
  }
  const column = (row: number[]): Float64Array => Float64Array.from(row);
  return { x: column(at), low: column(low), high: column(high), middle: column(middle) };
}

/** The stretches of buckets without a gap, each from its first to behind its last. */
export function stretches(band: Band): [from: number, to: number][] {
  const found: [number, number][] = [];
  let from = 0;
  for (let i = 0; i <= band.x.length; i += 1) {
    if (i === band.x.length || Number.isNaN(band.middle[i])) {
      if (i > from) found.push([from, i]);
      from = i + 1;
    }
  }
  return found;
}
