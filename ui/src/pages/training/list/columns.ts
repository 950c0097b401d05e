import type { Run } from "~/api/types";

const NOT_OWN = /^(epoch$|lr$|learning_rate$|gpu_util$|memory_mb$|system\/)/;
const FIRST = ["loss", "accuracy", "val/loss", "val/accuracy"];
const MOST = 3;

/** The metrics worth a column: those that most of the runs have, the usual ones first. */
export function metricColumns(runs: readonly Pick<Run, "summary">[]): string[] {
  const counts = new Map<string, number>();
  for (const run of runs) {
    for (const name of Object.keys(run.summary)) {
      if (!NOT_OWN.test(name)) counts.set(name, (counts.get(name) ?? 0) + 1);
    }
  }
  const rank = (name: string): number => {
    const at = FIRST.indexOf(name);
    return at < 0 ? FIRST.length : at;
  };
  const chosen = [...counts]
    .toSorted(([a, n], [b, m]) => m - n || rank(a) - rank(b) || a.localeCompare(b))
    .slice(0, MOST)
    .map(([name]) => name);
  return chosen.toSorted((a, b) => rank(a) - rank(b) || a.localeCompare(b));
}
