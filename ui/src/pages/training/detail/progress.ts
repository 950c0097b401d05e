/** How far a run is, and which of its figures say so. */
import type { SeriesSummary } from "~/api/types";
import { goalOf } from "~/charts/goal";
import type { Points } from "~/charts/points";
import { isSystem } from "./chart-groups";

export interface Progress {
  /** What is counted. */
  unit: "step" | "epoch";
  done: number;
  total: number;
}

const STEPS = ["total_steps", "max_steps", "num_steps", "n_steps", "steps", "max_iters"];
const EPOCHS = ["epochs", "max_epochs", "num_epochs", "n_epochs", "num_train_epochs"];

/** How far the run is on its way to the steps, else epochs, that its configuration names. */
export function progressOf(
  config: Record<string, unknown>,
  series: readonly SeriesSummary[],
): Progress | null {
  const steps = countIn(config, STEPS);
  const own = series.filter((one) => !isSystem(one.name));
  if (steps !== undefined && own.length > 0) {
    // Steps count from 0: after the last of them the work is done.
    const done = Math.max(...own.map((one) => one.last_step)) + 1;
    return { unit: "step", done: Math.min(done, steps), total: steps };
  }
  const epochs = countIn(config, EPOCHS);
  const epoch = series.find((one) => one.name === "epoch")?.last_value;
  if (epochs === undefined || typeof epoch !== "number") return null;
  return { unit: "epoch", done: Math.min(epoch, epochs), total: epochs };
}

/** The first of `keys` with a count, at the top of a configuration or one level down. */
function countIn(config: Record<string, unknown>, keys: readonly string[]): number | undefined {
  const nested = Object.values(config).filter(
    (value): value is Record<string, unknown> =>
      typeof value === "object" && value !== null && !Array.isArray(value),
  );
  for (const place of [config, ...nested]) {
    for (const key of keys) {
      const value = place[key];
      if (typeof value === "number" && Number.isFinite(value) && value > 0) return value;
    }
  }
  return undefined;
}

/**
 * The seconds to go at the pace of the points given, from the newest of them on; null while they
 * tell no pace.
 */
export function secondsLeft(progress: Progress, points: Points | undefined): number | null {
  if (progress.unit !== "step" || !points || points.n < 2) return null;
  const last = points.n - 1;
  const steps = (points.step[last] ?? 0) - (points.step[0] ?? 0);
  const seconds = ((points.wallMs[last] ?? 0) - (points.wallMs[0] ?? 0)) / 1000;
  if (steps <= 0 || seconds <= 0) return null;
  return ((progress.total - progress.done) * seconds) / steps;
}

/** The best value a series had, where its name says which way is good. */
export function bestOf(series: SeriesSummary): number | null {
  switch (goalOf(series.name)) {
    case "low":
      return series.lowest;
    case "high":
      return series.highest;
    case null:
      return null;
  }
}
