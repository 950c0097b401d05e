import type { RunGroup } from "~/api/types";
import { useQueries } from "@tanstack/solid-query";
import { createEffect, createMemo, createSignal, on } from "solid-js";
import { unwrap as plain } from "solid-js/store";
import { runsKey } from "../keys";
import { extended } from "./filter-text";
import { readRuns } from "./queries";
import { conditionOfGroup, groupId, type GroupRuns, type Row, rowsOfGroups } from "./rows";
import { settled } from "~/api/settled";
import type { RunsView } from "./view";

const SHOWN = 100;

export interface GroupRows {
  rows: () => readonly Row[];
  toggle: (group: RunGroup) => void;
}

/** The rows of a grouped list: which groups are open, and their runs. */
export function createGroupRows(
  view: () => RunsView,
  groups: () => readonly RunGroup[],
): GroupRows {
  const [open, setOpen] = createSignal<ReadonlySet<string>>(new Set());
  createEffect(
    on(
      () => view().by,
      () => setOpen(new Set<string>()),
      { defer: true },
    ),
  );
  const opened = createMemo(() => groups().filter((group) => open().has(groupId(group))));
  const answers = useQueries(() => ({
    queries: opened().map((group) => {
      const filter = extended(view().filter, conditionOfGroup(view().by, group));
      const wanted = { ...view(), filter, by: "" };
      return {
        queryKey: [...runsKey, "group", wanted],
        queryFn: () => readRuns(wanted, { cursor: null, limit: SHOWN }),
      };
    }),
  }));
  const rows = createMemo(() => {
    const found = new Map<string, GroupRuns>();
    for (const [index, group] of opened().entries()) {
      const answer = answers[index];
      const data = answer && plain(settled(answer));
      if (data) found.set(groupId(group), data);
    }
    return rowsOfGroups(groups(), open(), (id) => found.get(id));
  });
  return {
    rows,
    toggle: (group) => {
      const next = new Set(open());
      if (!next.delete(groupId(group))) next.add(groupId(group));
      setOpen(next);
    },
  };
}
