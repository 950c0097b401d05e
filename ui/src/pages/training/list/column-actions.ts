import type { ColumnActions } from "./HeadCell";
import { fitted, movedTo, nudged, pinned, type Placed, removed, resized } from "./layout";
import type { View } from "./view";

/** What the heads of the columns do to the view in the address. */
export function columnActions(view: View): ColumnActions {
  const set = (columns: readonly Placed[]): void => view.change({ columns });
  return {
    orderBy: (sort) => view.change({ sort }),
    nudge: (key, by) => set(nudged(view.columns(), key, by)),
    moveTo: (key, before) => set(movedTo(view.columns(), key, before)),
    pin: (key, isPinned) => set(pinned(view.columns(), key, isPinned)),
    resize: (key, width) => set(resized(view.columns(), key, width)),
    fit: (key) => set(fitted(view.columns(), key)),
    remove: (key) => set(removed(view.columns(), key)),
    groupBy: (by) => view.change({ by }),
  };
}
