import type { JSX } from "solid-js";
import styles from "./Table.module.css";

export interface TableProps {
  /** What the table holds, for screen readers. */
  caption: string;
  /** `<th>` cells. */
  head: JSX.Element;
  /** `<tr>` rows. */
  children: JSX.Element;
  /** Height at which the body begins to scroll under its head (any CSS length). */
  maxHeight?: string;
}

/** A table with a head that stays; on a narrow screen it scrolls inside itself. */
export function Table(props: TableProps): JSX.Element {
  return (
    <div
      class={styles.scroller}
      style={{ "max-height": props.maxHeight }}
      role="region"
      aria-label={props.caption}
      tabindex="0"
    >
      <table class={styles.table}>
        <caption class="visually-hidden">{props.caption}</caption>
        <thead>
          <tr>{props.head}</tr>
        </thead>
        <tbody>{props.children}</tbody>
      </table>
    </div>
  );
}
