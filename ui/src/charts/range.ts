/** Where axes begin and end, and where their lines stand. */
import { brokenNotes, countText, leastText } from "./broken";
import { type ChartSeries, isDrawable, loggedOf } from "./series";
import { type Unit, unitOf, unitText } from "./units";

const LOG_PAD = 1.15;
const CLIP_PAD = 0.08;
const MOST_TICKS = 6;
const FEWEST_TO_CLIP = 20;

/** What may lie between two lines of an axis of time, in seconds: no 1,000 s, which is 16:40. */
export const TIME_STEPS: readonly number[] = [
  ...[1, 2, 5, 10, 20, 50, 100, 200, 500].map((ms) => ms / 1000),
  ...[1, 60].flatMap((unit) => [1, 2, 5, 10, 15, 30].map((count) => count * unit)),
  ...[1, 2, 3, 6, 12].map((hours) => hours * 3600),
  ...[1, 2, 5, 10, 20, 50, 100, 200, 500, 1000].map((days) => days * 86_400),
];

/** A log scale that ends where the values end: whole decades waste most of the chart. */
export function logRange(low: number, high: number): [number, number] {
  return [low / LOG_PAD, high * LOG_PAD];
}

/** Where a log axis has its lines: 1, 2 and 5 times powers of ten, or even steps in a short range. */
export function logSplits(low: number, high: number): number[] {
  const decades = Math.log10(high / low);
  if (!(decades > 0)) return [low];
  if (decades < 1) return evenSplits(low, high);
  const leads = decades < 2.5 ? [1, 2, 5] : [1];
  const every = Math.max(1, Math.ceil(decades / MOST_TICKS));
  const splits: number[] = [];
  for (let e = Math.floor(Math.log10(low)); e <= Math.ceil(Math.log10(high)); e += 1) {
    for (const lead of leads) {
      const value = Number(`${lead}e${e}`);
      if (value >= low && value <= high && e % every === 0) splits.push(value);
    }
  }
  return splits;
}

function evenSplits(low: number, high: number): number[] {
  const rough = (high - low) / MOST_TICKS;
  const unit = 10 ** Math.floor(Math.log10(rough));
  const step = unit * ([1, 2, 5, 10].find((lead) => lead * unit >= rough) ?? 10);
  const splits: number[] = [];
  for (let n = Math.ceil(low / step); n * step <= high * (1 + 1e-9); n += 1) {
    splits.push(Number((n * step).toPrecision(12)));
  }
  return splits;
}

/** A range that leaves outliers out, and how many points it leaves out at either end. */
export interface Clip {
  range: [low: number, high: number];
  above: number;
  below: number;
}

/**
 * The range that holds all but the farthest hundredth of the values at either end, so that one
 * spike does not flatten a curve; null where too few values are there to say. On a log scale the
 * distances are those that are seen there, and what lies at zero or below takes no part.
 */
export function clipOf(series: readonly ChartSeries[], isLog: boolean): Clip | null {
  const values = series
    .flatMap((one) => (one.isFaint ? [] : Array.from(one.y)))
    .filter((value) => isDrawable(value, isLog))
    .toSorted((a, b) => a - b);
  if (values.length < FEWEST_TO_CLIP) return null;
  const cut = Math.floor(values.length / 100);
  const range = padded(values[cut] ?? 0, values[values.length - 1 - cut] ?? 0, isLog);
  let [above, below] = [0, 0];
  for (const { y } of loggedOf(series)) {
    for (let i = 0; i < y.length; i += 1) {
      const value = y[i] ?? Number.NaN;
      if (isDrawable(value, isLog)) {
        above += Number(value > range[1]);
        below += Number(value < range[0]);
      }
    }
  }
  return { range, above, below };
}

/** What is not drawn as a line, in words: broken points, outliers, what a log scale has no place for. */
export function notesOf(
  series: readonly ChartSeries[],
  isLog: boolean,
  isClipped: boolean,
): string[] {
  const clip = isClipped ? clipOf(series, isLog) : null;
  const least = leastText(series);
  const unplaced = isLog ? loggedOf(series).reduce((n, { y }) => n + countOf(y, isUnplaced), 0) : 0;
  return [
    ...brokenNotes(series),
    ...(clip ? clipNotes(clip, least, unitOf(series)) : []),
    ...(unplaced > 0 ? [`${least}${countText(unplaced)} at 0 or below not drawn`] : []),
  ];
}

function isUnplaced(value: number): boolean {
  return value <= 0 && Number.isFinite(value);
}

function countOf(values: ArrayLike<number>, is: (value: number) => boolean): number {
  let n = 0;
  for (let i = 0; i < values.length; i += 1) n += Number(is(values[i] ?? Number.NaN));
  return n;
}

/** What a clip does not draw, in words. */
export function clipNotes(
  { range: [low, high], above, below }: Clip,
  least: string,
  unit?: Unit,
): string[] {
  return [
    ...(above > 0 ? [`${least}${countText(above)} above ${unitText(high, unit)} not drawn`] : []),
    ...(below > 0 ? [`${least}${countText(below)} below ${unitText(low, unit)} not drawn`] : []),
  ];
}

function padded(low: number, high: number, isLog: boolean): [number, number] {
  if (isLog) return logRange(low, high);
  const pad = (high - low) * CLIP_PAD || Math.abs(high) * 0.1 || 1;
  return [low - pad, high + pad];
}
