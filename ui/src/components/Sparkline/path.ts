export const WIDTH = 120;
export const HEIGHT = 32;
const PAD = 3;

/** The SVG path through the finite values, "" with fewer than two of them. */
export function pathOf(values: readonly number[]): string {
  const finite = values.filter(Number.isFinite);
  if (finite.length < 2) return "";
  const low = Math.min(...finite);
  const high = Math.max(...finite);
  const y = (value: number): number =>
    high === low ? HEIGHT / 2 : HEIGHT - PAD - ((value - low) / (high - low)) * (HEIGHT - 2 * PAD);
  const x = (index: number): number => (index / (values.length - 1)) * WIDTH;
  let path = "";
  let isPenUp = true;
  for (const [index, value] of values.entries()) {
    if (Number.isFinite(value)) {
      path += `${isPenUp ? "M" : "L"}${x(index).toFixed(1)} ${y(value).toFixed(1)}`;
      isPenUp = false;
    } else {
      isPenUp = true;
    }
  }
  return path;
}
