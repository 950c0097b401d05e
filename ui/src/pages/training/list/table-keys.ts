import type { RunGroup } from "~/api/types";
import { useNavigate } from "@solidjs/router";
import { type Accessor, createSignal } from "solid-js";
import { useHotkeys } from "~/hotkeys/hotkeys";
import type { Row } from "./rows";
import type { Selection } from "./selection";

export interface TableKeysOptions {
  rows: () => readonly Row[];
  selection: Selection;
  onToggleGroup: (group: RunGroup) => void;
  /** Bring a row into view. */
  reveal: (index: number) => void;
}

/** The keys of the list, and the row they are about. */
export function useTableKeys(options: TableKeysOptions): {
  at: Accessor<number>;
  setAt: (index: number) => void;
} {
  const navigate = useNavigate();
  const [at, setAt] = createSignal(-1);
  const row = (): Row | undefined => options.rows()[at()];
  const move = (by: number): void => {
    const next = Math.min(options.rows().length - 1, Math.max(0, at() + by));
    setAt(next);
    if (next >= 0) options.reveal(next);
  };
  const select = (event: KeyboardEvent): void => {
    const current = row();
    if (current?.kind === "run") options.selection.toggle(current.run.id, event.shiftKey);
  };
  const open = (): void => {
    const current = row();
    if (current?.kind === "run") navigate(`/training/${current.run.id}`);
    if (current?.kind === "group") options.onToggleGroup(current.group);
  };
  useHotkeys([
    { keys: "j", description: "Next run", run: () => move(1) },
    { keys: "k", description: "Previous run", run: () => move(-1) },
    { keys: "x", description: "Select the run (with Shift: all from the last one)", run: select },
    { keys: "Enter", description: "Open the run, or the group", run: open },
    {
      keys: "Escape",
      description: "Clear the selection",
      run: () => {
        options.selection.clear();
        setAt(-1);
      },
    },
  ]);
  return { at, setAt };
}
