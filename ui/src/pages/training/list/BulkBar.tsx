import Square from "lucide-solid/icons/square";
import Trash from "lucide-solid/icons/trash";
import X from "lucide-solid/icons/x";
import { type JSX, Show } from "solid-js";
import type { Run } from "~/api/types";
import { Button } from "~/components/Button/Button";
import { deleteRuns, isActive, stopRuns } from "../run-actions";
import styles from "./page.module.css";
import type { Selection } from "./selection";

/** What can be done with all the runs that are chosen. */
export function BulkBar(props: {
  runs: readonly Run[];
  live: (run: Run) => Run;
  selection: Selection;
}): JSX.Element {
  const chosen = (): Run[] => props.runs.filter((run) => props.selection.has(run.id));
  const active = (): Run[] => chosen().filter((run) => isActive(props.live(run)));
  return (
    <div class={styles.bulk} role="region" aria-label="Selected runs">
      <strong>{chosen().length} selected</strong>
      <Show when={active().length > 0}>
        <Button
          size="small"
          icon={<Square size={14} />}
          onClick={() => void stopRuns(active().map((run) => run.id))}
        >
          Stop {active().length}
        </Button>
      </Show>
      <Button
        size="small"
        variant="danger"
        icon={<Trash size={14} />}
        onClick={() => {
          deleteRuns(chosen());
          props.selection.clear();
        }}
      >
        Delete
      </Button>
      <Button
        size="small"
        variant="ghost"
        aria-label="Clear the selection"
        icon={<X size={16} />}
        onClick={() => props.selection.clear()}
      />
    </div>
  );
}
