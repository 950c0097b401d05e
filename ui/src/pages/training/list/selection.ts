import { createSignal } from "solid-js";

export interface Selection {
  has: (id: string) => boolean;
  count: () => number;
  ids: () => ReadonlySet<string>;
  /** Choose or leave one; with `isRange` everything from the last one touched. */
  toggle: (id: string, isRange?: boolean) => void;
  setAll: (ids: readonly string[]) => void;
  clear: () => void;
}

/** Which rows are chosen, in a list whose order `ids` gives. */
export function createSelection(order: () => readonly string[]): Selection {
  const [chosen, setChosen] = createSignal<ReadonlySet<string>>(new Set());
  let touched: string | null = null;
  const toggle = (id: string, isRange = false): void => {
    const next = new Set(chosen());
    const isChosen = !next.has(id);
    const from = isRange && touched !== null ? order().indexOf(touched) : -1;
    const to = order().indexOf(id);
    const range = from < 0 ? [id] : order().slice(Math.min(from, to), Math.max(from, to) + 1);
    for (const one of range) {
      if (isChosen) next.add(one);
      else next.delete(one);
    }
    touched = id;
    setChosen(next);
  };
  return {
    has: (id) => chosen().has(id),
    count: () => chosen().size,
    ids: chosen,
    toggle,
    setAll: (ids) => setChosen(new Set(ids)),
    clear: () => setChosen(new Set<string>()),
  };
}
