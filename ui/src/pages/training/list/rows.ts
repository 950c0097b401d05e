import type { Run, RunGroup } from "~/api/types";
import { fieldText, valueText } from "./filter-text";

/** One line of the table; a line that is not read yet has none. */
export type Row =
  | { kind: "run"; id: string; run: Run; isNested: boolean }
  | { kind: "group"; id: string; group: RunGroup; isOpen: boolean }
  | { kind: "wait"; id: string }
  | { kind: "more"; id: string; group: RunGroup; hidden: number };

/** A plain list as rows. */
export function rowsOfRuns(runs: readonly Run[]): Row[] {
  return runs.map((run) => ({ kind: "run", id: run.id, run, isNested: false }));
}

/** The runs of a group as far as they were read. */
export interface GroupRuns {
  items: readonly Run[];
  total: number;
}

/** What tells a group from the others of its list. */
export function groupId(group: Pick<RunGroup, "value">): string {
  return JSON.stringify(group.value ?? null);
}

/** Groups as rows, each open one with its runs below; `runsOf` gives none while they are read. */
export function rowsOfGroups(
  groups: readonly RunGroup[],
  open: ReadonlySet<string>,
  runsOf: (id: string) => GroupRuns | undefined,
): Row[] {
  return groups.flatMap((group): Row[] => {
    const id = groupId(group);
    const head: Row = { kind: "group", id: `group ${id}`, group, isOpen: open.has(id) };
    if (!open.has(id)) return [head];
    const found = runsOf(id);
    if (!found) return [head, { kind: "wait", id: `wait ${id}` }];
    const runs = found.items.map((run): Row => ({ kind: "run", id: run.id, run, isNested: true }));
    const hidden = found.total - found.items.length;
    const more: Row[] = hidden > 0 ? [{ kind: "more", id: `more ${id}`, group, hidden }] : [];
    return [head, ...runs, ...more];
  });
}

/** The condition that only the runs of a group meet. */
export function conditionOfGroup(by: string, group: Pick<RunGroup, "value">): string {
  const field = fieldText(by);
  if (group.value === null || group.value === undefined) return `not ${field} exists`;
  return `${field} = ${valueText(group.value)}`;
}
