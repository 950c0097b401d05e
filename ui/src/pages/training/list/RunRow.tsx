import { For, type JSX } from "solid-js";
import type { Run } from "~/api/types";
import { Cell } from "./Cell";
import { columnOf } from "./columns";
import { LaneBox, type TableGeometry } from "./LaneBox";
import styles from "./table.module.css";

export interface RunRowProps {
  run: Run;
  geometry: TableGeometry;
  index: number;
  offset: number;
  isCurrent: boolean;
  isChosen: boolean;
  isNested: boolean;
  onToggle: (isRange: boolean) => void;
  onNarrow: (condition: string) => void;
}

/** One run of the list. */
export function RunRow(props: RunRowProps): JSX.Element {
  return (
    <div
      class={styles.row}
      classList={{
        [styles.current ?? ""]: props.isCurrent,
        [styles.chosen ?? ""]: props.isChosen,
        [styles.nested ?? ""]: props.isNested,
      }}
      role="row"
      aria-rowindex={props.index + 2}
      style={{ transform: `translateY(${props.offset}px)` }}
      data-run={props.run.id}
    >
      <span role="cell" aria-colindex={1} class={styles.check}>
        <input
          type="checkbox"
          aria-label={`Select ${props.run.name}`}
          checked={props.isChosen}
          onClick={(event) => props.onToggle(event.shiftKey)}
        />
      </span>
      <For each={props.geometry.keys()}>
        {(key) => (
          <LaneBox role="cell" lane={key} geometry={props.geometry}>
            {cellOf(key, props)}
          </LaneBox>
        )}
      </For>
    </div>
  );
}

function cellOf(key: string, props: RunRowProps): JSX.Element {
  const column = columnOf(key);
  return column && <Cell run={props.run} column={column} onNarrow={props.onNarrow} />;
}
