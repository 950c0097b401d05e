/** The line behind a noisy one. What is not finite stays as it is and enters no average. */

export const SMOOTHINGS = [
  { value: "ema", label: "Exponential" },
  { value: "gaussian", label: "Gaussian" },
  { value: "mean", label: "Running mean" },
] as const;

export type SmoothingKind = (typeof SMOOTHINGS)[number]["value"];

/** Of what the chart spans, the most that a window of 2 half widths takes: a fifth. */
const WIDEST_HALF = 0.1;
/** Running means of running means come near a Gaussian; after three the eye sees no difference. */
const PASSES = 3;

/** The exponential moving average of every point, unbiased at its start: the server's `ema`. */
export function emaOf(y: ArrayLike<number>, weight: number): Float64Array<ArrayBuffer> {
  const averages = Float64Array.from(y);
  let average = 0;
  let mass = 0;
  for (let i = 0; i < averages.length; i += 1) {
    const value = averages[i] ?? Number.NaN;
    if (Number.isFinite(value)) {
      average = average * weight + value * (1 - weight);
      mass = mass * weight + (1 - weight);
      averages[i] = average / mass;
    }
  }
  return averages;
}

/** How far a window reaches to either side, in steps, where the chart spans `range` of them. */
export function halfWidth(weight: number, range: number): number {
  return weight * weight * WIDEST_HALF * range;
}

/** The mean of what lies within `half` to either side. `x` must not fall. */
export function runningMean(
  x: ArrayLike<number>,
  y: ArrayLike<number>,
  half: number,
): Float64Array<ArrayBuffer> {
  const n = y.length;
  const means = Float64Array.from(y);
  const sums = new Float64Array(n + 1);
  const counts = new Uint32Array(n + 1);
  for (let i = 0; i < n; i += 1) {
    const value = y[i] ?? Number.NaN;
    const isFinite = Number.isFinite(value);
    sums[i + 1] = (sums[i] ?? 0) + (isFinite ? value : 0);
    counts[i + 1] = (counts[i] ?? 0) + Number(isFinite);
  }
  let start = 0;
  let end = 0;
  for (let i = 0; i < n; i += 1) {
    const at = x[i] ?? 0;
    while ((x[start] ?? 0) < at - half) start += 1;
    while (end < n && (x[end] ?? 0) <= at + half) end += 1;
    if (Number.isFinite(y[i])) {
      const count = (counts[end] ?? 0) - (counts[start] ?? 0);
      means[i] = ((sums[end] ?? 0) - (sums[start] ?? 0)) / count;
    }
  }
  return means;
}

/** Weighed by a bell of standard deviation `half` / 2 (as three running means, in linear time). */
export function gaussian(
  x: ArrayLike<number>,
  y: ArrayLike<number>,
  half: number,
): Float64Array<ArrayBuffer> {
  let smoothed = Float64Array.from(y);
  for (let pass = 0; pass < PASSES; pass += 1) smoothed = runningMean(x, smoothed, half / 2);
  return smoothed;
}
