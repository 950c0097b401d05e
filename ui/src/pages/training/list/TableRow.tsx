import { type JSX, Match, Switch } from "solid-js";
import { Skeleton } from "~/components/Skeleton/Skeleton";
import { GroupRow } from "./GroupRow";
import group from "./group.module.css";
import type { TableGeometry } from "./LaneBox";
import type { Row } from "./rows";
import { RunRow } from "./RunRow";
import type { RunTableProps } from "./RunTable";
import styles from "./table.module.css";

export interface TableRowProps extends RunTableProps {
  /** Undefined while it is read. */
  row: Row | undefined;
  index: number;
  offset: number;
  isCurrent: boolean;
  onCurrent: () => void;
  geometry: TableGeometry;
}

type RowOf<K extends Row["kind"]> = Extract<Row, { kind: K }>;

/** One line of the table, whatever it is. */
export function TableRow(props: TableRowProps): JSX.Element {
  const row = <K extends Row["kind"]>(kind: K): RowOf<K> | false =>
    props.row?.kind === kind && (props.row as RowOf<K>);
  return (
    <Switch fallback={<WaitRow index={props.index} offset={props.offset} />}>
      <Match when={row("run")}>
        {(found) => (
          <RunRow
            run={props.live(found().run)}
            geometry={props.geometry}
            index={props.index}
            offset={props.offset}
            isNested={found().isNested}
            isCurrent={props.isCurrent}
            isChosen={props.selection.has(found().run.id)}
            onNarrow={props.onNarrow}
            onToggle={(isRange) => {
              props.onCurrent();
              props.selection.toggle(found().run.id, isRange);
            }}
          />
        )}
      </Match>
      <Match when={row("group")}>
        {(found) => (
          <GroupRow
            by={props.by}
            group={found().group}
            isOpen={found().isOpen}
            geometry={props.geometry}
            index={props.index}
            offset={props.offset}
            isCurrent={props.isCurrent}
            onToggle={() => {
              props.onCurrent();
              props.onToggleGroup(found().group);
            }}
          />
        )}
      </Match>
      <Match when={row("more")}>
        {(found) => (
          <div
            class={`${styles.row} ${group.more}`}
            role="row"
            aria-rowindex={props.index + 2}
            style={{ transform: `translateY(${props.offset}px)` }}
          >
            <span role="cell">
              <button type="button" onClick={() => props.onShowGroup(found().group)}>
                {found().hidden.toLocaleString("en")} more: show the group as a list
              </button>
            </span>
          </div>
        )}
      </Match>
    </Switch>
  );
}

function WaitRow(props: { index: number; offset: number }): JSX.Element {
  return (
    <div
      class={`${styles.row} ${styles.wait}`}
      role="row"
      aria-rowindex={props.index + 2}
      aria-busy="true"
      style={{ transform: `translateY(${props.offset}px)` }}
    >
      <span role="cell" aria-label="Loading">
        <Skeleton height="0.75rem" width={`${9 + ((props.index * 7) % 11)}rem`} />
      </span>
    </div>
  );
}
