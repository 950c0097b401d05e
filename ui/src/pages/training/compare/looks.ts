/** How runs are told apart: by colour, and beyond the tenth by dashes and shapes as well. */
import { COLORS } from "~/charts/series";
import type { ComparedRun, RunComparison } from "~/api/types";
import type { Field } from "./fields";

export interface RunLook {
  run: ComparedRun;
  /** Its place among the runs of the comparison. */
  index: number;
  color: number;
  dash: number;
}

/** A set of runs that share a value; without grouping each run is its own. */
export interface RunGroup {
  label: string;
  color: number;
  dash: number;
  members: readonly RunLook[];
}

/** Runs in order, each with its colour; with `by` those of one value share it. */
export function looksOf(comparison: RunComparison, by: Field | undefined): RunLook[] {
  const values = by ? distinct(by) : [];
  return comparison.runs.map((run, index) => {
    const at = by ? values.indexOf(labelOf(by.values[index] ?? null)) : index;
    return { run, index, color: at % COLORS, dash: Math.floor(at / COLORS) };
  });
}

/** The runs that are shown, by the value that they share. */
export function groupsOf(looks: readonly RunLook[], by: Field): RunGroup[] {
  const groups = new Map<string, RunLook[]>();
  for (const look of looks) {
    const label = labelOf(by.values[look.index] ?? null);
    groups.set(label, [...(groups.get(label) ?? []), look]);
  }
  return distinct(by).flatMap((label) => {
    const members = groups.get(label);
    const [first] = members ?? [];
    return members && first ? [{ label, color: first.color, dash: first.dash, members }] : [];
  });
}

function distinct(by: Field): string[] {
  const values = [...by.values].toSorted((a, b) =>
    typeof a === "number" && typeof b === "number"
      ? a - b
      : String(a).localeCompare(String(b), "en", { numeric: true }),
  );
  return [...new Set(values.map(labelOf))];
}

function labelOf(value: string | number | null): string {
  return value === null ? "(none)" : String(value);
}
