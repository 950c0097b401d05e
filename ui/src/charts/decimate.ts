import { type BrokenKind, brokenKind } from "./broken";

/**
 * The indices of the points that draw the same line at `pixels` columns: the first, lowest,
 * highest and last point of each, in rising order. `x` must not fall; of what is NaN, +infinity or
 * −infinity one of each is kept in every column, so that a plot can mark it.
 *
 * M4 keeps every extreme, which averaging loses: Jugel et al., VLDB 7(10), 2014.
 */
export function decimate(x: ArrayLike<number>, y: ArrayLike<number>, pixels: number): Uint32Array {
  const n = x.length;
  if (n <= 4 * pixels) return Uint32Array.from({ length: n }, (_, i) => i);
  const first = x[0] ?? 0;
  const span = (x[n - 1] ?? 0) - first || 1;
  const columnOf = (i: number): number =>
    Math.min(pixels - 1, Math.floor((((x[i] ?? 0) - first) / span) * pixels));
  const kept: number[] = [];
  let start = 0;
  while (start < n) {
    const column = columnOf(start);
    let end = start + 1;
    while (end < n && columnOf(end) === column) end += 1;
    keepExtremes(y, start, end, kept);
    start = end;
  }
  return Uint32Array.from(kept);
}

function keepExtremes(y: ArrayLike<number>, start: number, end: number, kept: number[]): void {
  let lowest = -1;
  let highest = -1;
  const broken: Record<BrokenKind, number> = { nan: -1, high: -1, low: -1 };
  for (let i = start; i < end; i += 1) {
    const value = y[i] ?? Number.NaN;
    const kind = brokenKind(value);
    if (kind) {
      broken[kind] = i;
    } else {
      if (lowest < 0 || value < (y[lowest] ?? 0)) lowest = i;
      if (highest < 0 || value > (y[highest] ?? 0)) highest = i;
    }
  }
  const wanted = [start, lowest, highest, ...Object.values(broken), end - 1].filter((i) => i >= 0);
  wanted.sort((a, b) => a - b);
  for (const i of wanted) if (kept.at(-1) !== i) kept.push(i);
}
