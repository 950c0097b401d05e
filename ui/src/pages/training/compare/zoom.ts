/** From a stretch of an x axis that many runs share to what the server is asked for. */
import { stepsBetween, type XAxis } from "../detail/axes";
import type { RunsWindow } from "./view";

interface Placed {
  steps: Float64Array;
  x: Float64Array;
}

/** Times are asked for as such; on other axes it is every step that some run has there. */
export function windowBetween(
  axis: XAxis,
  runs: readonly Placed[],
  from: number,
  to: number,
): RunsWindow | null {
  if (axis === "wall" || axis === "relative") {
    const [first, last] = [Math.floor(from * 1000), Math.ceil(to * 1000)];
    return first < last ? { kind: axis === "wall" ? "wall" : "since", first, last } : null;
  }
  const parts = runs.flatMap(({ steps, x }) => stepsBetween(steps, x, from, to) ?? []);
  if (parts.length === 0) return null;
  const first = Math.min(...parts.map((part) => part.first));
  const last = Math.max(...parts.map((part) => part.last));
  return { kind: "steps", first, last };
}
