import type { JSX } from "solid-js";
import type { Lane } from "./geometry";
import styles from "./table.module.css";

/** Where the columns of the table stand now. */
export interface TableGeometry {
  /** The columns to draw, in order. */
  keys: () => readonly string[];
  lane: (key: string) => Lane | undefined;
  /** Its place among all columns, from 0. */
  place: (key: string) => number;
  /** The first drawn column that is not pinned, and the last that is. */
  firstFree: () => string | undefined;
  lastPinned: () => string | undefined;
  /** Room before the first drawn column that is not pinned. */
  before: () => number;
}

export interface LaneBoxProps {
  role: "cell" | "columnheader";
  lane: string;
  geometry: TableGeometry;
  sort?: "ascending" | "descending" | "none" | undefined;
  children: JSX.Element;
}

/** A cell at its column's place; pinned ones stay where they are while the others scroll by. */
export function LaneBox(props: LaneBoxProps): JSX.Element {
  const lane = (): Lane | undefined => props.geometry.lane(props.lane);
  const isFirst = (): boolean => props.geometry.firstFree() === props.lane;
  return (
    <span
      role={props.role}
      aria-colindex={props.geometry.place(props.lane) + 2}
      aria-sort={props.sort}
      class={styles.cell}
      classList={{
        [styles.pinned ?? ""]: lane()?.isPinned === true,
        [styles.edge ?? ""]: props.geometry.lastPinned() === props.lane,
      }}
      style={{
        width: `${lane()?.width ?? 0}px`,
        left: lane()?.isPinned ? `${lane()?.left ?? 0}px` : undefined,
        "margin-left": isFirst() ? `${props.geometry.before()}px` : undefined,
      }}
      data-column={props.lane}
    >
      {props.children}
    </span>
  );
}
