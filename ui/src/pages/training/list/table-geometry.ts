import { createMemo } from "solid-js";
import { type Lane, lanesInView, lanesOf, type Shown, totalWidth } from "./geometry";
import type { TableGeometry } from "./LaneBox";
import type { Placed } from "./layout";

/** Where the columns stand in a table of `width` px that is scrolled sideways by `scrolled`. */
export function createGeometry(
  columns: () => readonly Placed[],
  width: () => number,
  scrolled: () => number,
): TableGeometry & { total: () => number } {
  const lanes = createMemo(() => lanesOf(columns(), width()));
  const byKey = createMemo(
    () => new Map<string, [Lane, number]>(lanes().map((lane, at) => [lane.column.key, [lane, at]])),
  );
  const shown = createMemo<Shown>(() => lanesInView(lanes(), scrolled(), width()));
  // By text: a scroll within the same columns, or a new width, draws no cell anew.
  const keys = createMemo(() => shown().lanes.map((lane) => lane.column.key), [], {
    equals: (a, b) => a.length === b.length && a.every((key, at) => key === b[at]),
  });
  const before = createMemo(() => shown().before);
  const firstFree = createMemo(() => shown().lanes.find((lane) => !lane.isPinned)?.column.key);
  const lastPinned = createMemo(() => shown().lanes.findLast((lane) => lane.isPinned)?.column.key);
  return {
    keys,
    before,
    firstFree,
    lastPinned,
    lane: (key) => byKey().get(key)?.[0],
    place: (key) => byKey().get(key)?.[1] ?? 0,
    total: () => totalWidth(lanes()),
  };
}
