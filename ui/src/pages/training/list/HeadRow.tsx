import { createEffect, createMemo, For, type JSX } from "solid-js";
import { columnOf } from "./columns";
import { type ColumnActions, HeadCell } from "./HeadCell";
import type { TableGeometry } from "./LaneBox";
import type { Row } from "./rows";
import type { Selection } from "./selection";
import styles from "./table.module.css";

export interface HeadRowProps {
  geometry: TableGeometry;
  sort: string;
  actions: ColumnActions;
  rows: readonly Row[];
  selection: Selection;
}

/** The heads of the columns, above every row however far one scrolled. */
export function HeadRow(props: HeadRowProps): JSX.Element {
  const ids = createMemo(() =>
    props.rows.flatMap((row) => (row.kind === "run" ? [row.run.id] : [])),
  );
  const isAll = createMemo(() => {
    const count = props.selection.count();
    return count > 0 && count >= ids().length && ids().every((id) => props.selection.has(id));
  });
  return (
    <div class={styles.headRow} role="row" aria-rowindex={1}>
      <span role="columnheader" aria-colindex={1} class={styles.check}>
        <input
          ref={(box) => {
            createEffect(() => {
              box.indeterminate = props.selection.count() > 0 && !isAll();
            });
          }}
          type="checkbox"
          aria-label="Select all that are loaded"
          checked={isAll()}
          onChange={() => (isAll() ? props.selection.clear() : props.selection.setAll(ids()))}
        />
      </span>
      <For each={props.geometry.keys()}>
        {(key) => {
          const column = columnOf(key);
          return (
            column && (
              <HeadCell
                column={column}
                geometry={props.geometry}
                sort={props.sort}
                actions={props.actions}
              />
            )
          );
        }}
      </For>
    </div>
  );
}
