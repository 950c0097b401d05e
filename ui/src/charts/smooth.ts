/** A thousandth of what the chart shows: the unit of distance for smoothing. */
const UNITS = 1000;

/**
 * The exponential moving average of `y` at each `x`, unbiased at the start as in Adam. `weight`
 * 0 gives `y` back; towards 1 it forgets ever more slowly.
 *
 * A point counts by its distance to the one before it, in thousandths of `range` (what the whole
 * chart spans). So a validation curve of ten points beside a training curve of ten thousand stays
 * what it is, a zoomed chart is smoothed for what it shows, and the extremes of a decimated series
 * do not weigh more where they are dense. Values that are not finite are left as they are.
 */
export function smooth(
  x: ArrayLike<number>,
  y: ArrayLike<number>,
  weight: number,
  range: number,
): Float64Array<ArrayBuffer> {
  const n = y.length;
  const smoothed = Float64Array.from(y);
  if (weight <= 0 || n < 3 || range <= 0) return smoothed;
  const base = Math.sqrt(weight);
  let average = 0;
  let mass = 0;
  let before = Number.NaN;
  for (let i = 0; i < n; i += 1) {
    const value = y[i] ?? Number.NaN;
    if (Number.isFinite(value)) {
      const at = x[i] ?? 0;
      const kept = Number.isNaN(before) ? 0 : base ** (Math.max(0, (at - before) / range) * UNITS);
      average = average * kept + value * (1 - kept);
      mass = mass * kept + (1 - kept);
      before = at;
      smoothed[i] = average / mass;
    }
  }
  return smoothed;
}
