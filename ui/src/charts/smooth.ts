/**
 * The exponential moving average of `y` at each `x`, unbiased at the start as in Adam. `weight`
 * 0 gives `y` back; towards 1 it forgets ever more slowly.
 *
 * A point stands for the distance to the one before it, in units of the mean distance: points
 * that are dense in one place, such as the extremes of a decimated series, do not weigh more
 * there. Values that are not finite stay as they are and are not part of the average.
 */
export function smooth(
  x: ArrayLike<number>,
  y: ArrayLike<number>,
  weight: number,
): Float64Array<ArrayBuffer> {
  const n = y.length;
  const smoothed = Float64Array.from(y);
  if (weight <= 0 || n < 3) return smoothed;
  const meanGap = ((x[n - 1] ?? 0) - (x[0] ?? 0)) / (n - 1) || 1;
  let average = 0;
  let mass = 0;
  let before: number | undefined;
  for (let i = 0; i < n; i += 1) {
    const value = y[i] ?? Number.NaN;
    if (Number.isFinite(value)) {
      const gap = before === undefined ? 1 : Math.max(0, ((x[i] ?? 0) - before) / meanGap);
      const kept = weight ** gap;
      average = average * kept + value * (1 - kept);
      mass = mass * kept + (1 - kept);
      before = x[i];
      if (mass > 0) smoothed[i] = average / mass;
    }
  }
  return smoothed;
}
