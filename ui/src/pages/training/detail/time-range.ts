import type { SeriesStore, StepWindow } from "./series-store";

/** From when to when, wall time in ms, the points of a window were logged; null without any. */
export function timesOf(
  window: StepWindow,
  store: SeriesStore,
  names: readonly string[],
): { from: number; to: number } | null {
  if (!window) return null;
  if (window.isWall) return { from: window.first, to: window.last };
  for (const name of names) {
    const points = store.series(name)?.points;
    const n = points?.n ?? 0;
    let [from, to] = [Infinity, -Infinity];
    for (let i = 0; i < n; i += 1) {
      const step = points?.step[i] ?? NaN;
      if (step < window.first || step > window.last) continue;
      const at = points?.wallMs[i] ?? NaN;
      from = Math.min(from, at);
      to = Math.max(to, at);
    }
    // One metric tells enough: what is logged together has one time.
    if (from <= to) return { from, to };
  }
  return null;
}
