import { createVirtualizer } from "@tanstack/solid-virtual";
import { createEffect, createSignal, For, type JSX, onCleanup, onMount } from "solid-js";
import type { Run, RunGroup } from "~/api/types";
import type { ColumnActions } from "./HeadCell";
import { HeadRow } from "./HeadRow";
import { type Placed, resized } from "./layout";
import type { Row } from "./rows";
import type { Selection } from "./selection";
import { createGeometry } from "./table-geometry";
import { TableRow } from "./TableRow";
import { useTableKeys } from "./table-keys";
import styles from "./table.module.css";

export interface RunTableProps {
  rows: readonly Row[];
  /** How many rows there are; those behind the last of `rows` are not read yet. */
  count: number;
  columns: readonly Placed[];
  /** How a run is now, with what the stream said since it was read. */
  live: (run: Run) => Run;
  /** Told the rows that exist and how far down they go, whenever that changes. */
  onView: (runs: readonly Run[], last: number) => void;
  sort: string;
  by: string;
  selection: Selection;
  actions: ColumnActions;
  isStale: boolean;
  onNarrow: (condition: string) => void;
  onToggleGroup: (group: RunGroup) => void;
  onShowGroup: (group: RunGroup) => void;
}

const ROW = 44;
const LEAST_HEIGHT = 320;
const BELOW = 24;

/** Runs in a table of any length and width: only the rows and columns in view exist. */
export function RunTable(props: RunTableProps): JSX.Element {
  let place: HTMLDivElement | undefined;
  const [frame, setFrame] = createSignal<HTMLDivElement>();
  const [size, setSize] = createSignal({ width: 0, height: LEAST_HEIGHT });
  const [scrolled, setScrolled] = createSignal(0);
  const [draft, setDraft] = createSignal<{ key: string; width: number }>();
  const rows = createVirtualizer({
    get count() {
      return props.count;
    },
    getScrollElement: () => frame() ?? null,
    estimateSize: () => ROW,
    overscan: 6,
    // Room for the bar of what is selected, which lies over the last rows.
    get paddingEnd() {
      return props.selection.count() > 0 ? 2 * ROW : 0;
    },
    // The head covers the first of the frame.
    scrollPaddingStart: ROW,
  });
  const geometry = createGeometry(
    () => {
      const held = draft();
      return held ? resized(props.columns, held.key, held.width) : props.columns;
    },
    () => size().width,
    scrolled,
  );
  const measure = (): void => {
    const element = frame();
    if (!element) return;
    const top = element.getBoundingClientRect().top + scrollY;
    const height = Math.max(LEAST_HEIGHT, innerHeight - top - BELOW);
    setSize({ width: element.clientWidth, height });
  };
  onMount(() => {
    // Not before: outside of the page it has no window that tells its size.
    setFrame(place);
    const observer = new ResizeObserver(measure);
    const element = frame();
    if (element) observer.observe(element);
    // What stands above the table may grow: its first row of chips, or a notice.
    if (element?.parentElement) observer.observe(element.parentElement);
    addEventListener("resize", measure);
    onCleanup(() => {
      observer.disconnect();
      removeEventListener("resize", measure);
    });
  });
  createEffect(() => {
    const items = rows.getVirtualItems();
    const shown = items.flatMap((item) => {
      const row = props.rows[item.index];
      return row?.kind === "run" ? [row.run] : [];
    });
    props.onView(shown, items.at(-1)?.index ?? 0);
  });
  const keys = useTableKeys({
    rows: () => props.rows,
    selection: props.selection,
    onToggleGroup: (group) => props.onToggleGroup(group),
    reveal: (index) => rows.scrollToIndex(index),
  });
  const actions: ColumnActions = {
    ...props.actions,
    resize: (key, width, isDone) => {
      setDraft(isDone ? undefined : { key, width });
      if (isDone) props.actions.resize(key, width, true);
    },
  };

  return (
    <div
      ref={(element) => {
        place = element;
      }}
      class={styles.frame}
      classList={{ [styles.stale ?? ""]: props.isStale }}
      style={{ "max-height": `${size().height}px` }}
      // Scrolled by the arrow keys of who has no wheel.
      tabindex={0}
      aria-label="Runs, scrollable"
      role="region"
      onScroll={(event) => setScrolled(event.currentTarget.scrollLeft)}
    >
      <div
        class={styles.canvas}
        role="table"
        aria-label="Runs"
        aria-busy={props.isStale}
        aria-rowcount={props.count + 1}
        aria-colcount={props.columns.length + 1}
        style={{ width: `${geometry.total()}px` }}
      >
        <HeadRow
          geometry={geometry}
          sort={props.sort}
          actions={actions}
          rows={props.rows}
          selection={props.selection}
        />
        <div class={styles.body} role="rowgroup" style={{ height: `${rows.getTotalSize()}px` }}>
          <For each={rows.getVirtualItems()}>
            {(item) => (
              <TableRow
                {...props}
                row={props.rows[item.index]}
                index={item.index}
                offset={item.start}
                isCurrent={item.index === keys.at()}
                onCurrent={() => keys.setAt(item.index)}
                geometry={geometry}
              />
            )}
          </For>
        </div>
      </div>
    </div>
  );
}
