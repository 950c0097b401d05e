import { useNavigate } from "@solidjs/router";
import { createWindowVirtualizer } from "@tanstack/solid-virtual";
import ArrowDown from "lucide-solid/icons/arrow-down";
import ArrowUp from "lucide-solid/icons/arrow-up";
import { createEffect, createMemo, createSignal, For, type JSX, onMount, Show } from "solid-js";
import type { Run } from "~/api/types";
import { useHotkeys } from "~/hotkeys/hotkeys";
import { metricColumns } from "./columns";
import { RunRow } from "./RunRow";
import type { Selection } from "./selection";
import styles from "./table.module.css";

export interface RunTableProps {
  runs: readonly Run[];
  /** How a run is now, with what the stream said since it was read. */
  live: (run: Run) => Run;
  /** Told the runs whose rows exist, whenever they change. */
  onView: (runs: readonly Run[]) => void;
  sort: string;
  onSort: (sort: string) => void;
  selection: Selection;
  hasMore: boolean;
  onMore: () => void;
}

const ROW = 56;
const NARROW_ROW = 92;
const AHEAD = 30;

/** Runs in a table of any length: only the rows in view exist. */
export function RunTable(props: RunTableProps): JSX.Element {
  const navigate = useNavigate();
  const [at, setAt] = createSignal(-1);
  const [top, setTop] = createSignal(0);
  let place: HTMLDivElement | undefined;
  const columns = createMemo(() => metricColumns(props.runs), [], {
    equals: (a, b) => a.join("\n") === b.join("\n"),
  });
  const isNarrow = matchMedia("(max-width: 760px)").matches;
  const rows = createWindowVirtualizer({
    get count() {
      return props.runs.length;
    },
    estimateSize: () => (isNarrow ? NARROW_ROW : ROW),
    overscan: 12,
    get scrollMargin() {
      return top();
    },
  });
  onMount(() => setTop(place?.offsetTop ?? 0));
  createEffect(() => {
    const last = rows.getVirtualItems().at(-1);
    if (props.hasMore && last && last.index >= props.runs.length - AHEAD) props.onMore();
  });

  createEffect(() =>
    props.onView(
      rows
        .getVirtualItems()
        .map((item) => props.runs[item.index])
        .filter((run) => run !== undefined),
    ),
  );

  const move = (by: number): void => {
    const next = Math.min(props.runs.length - 1, Math.max(0, at() + by));
    setAt(next);
    rows.scrollToIndex(next);
  };
  const current = (): Run | undefined => props.runs[at()];
  useHotkeys([
    { keys: "j", description: "Next run", run: () => move(1) },
    { keys: "k", description: "Previous run", run: () => move(-1) },
    {
      keys: "x",
      description: "Select the run",
      run: () => {
        const run = current();
        if (run) props.selection.toggle(run.id);
      },
    },
    {
      keys: "Enter",
      description: "Open the run",
      run: () => {
        const run = current();
        if (run) navigate(`/training/${run.id}`);
      },
    },
    {
      keys: "Escape",
      description: "Clear the selection",
      run: () => {
        props.selection.clear();
        setAt(-1);
      },
    },
  ]);

  const allChosen = (): boolean =>
    props.runs.length > 0 && props.runs.every((run) => props.selection.has(run.id));
  return (
    <div
      class={styles.table}
      role="table"
      aria-label="Runs"
      aria-rowcount={props.hasMore ? -1 : props.runs.length + 1}
      style={{ "--metrics": columns().length }}
    >
      <div class={styles.head} role="row">
        <span role="columnheader" class={styles.check}>
          <input
            type="checkbox"
            aria-label="Select all that are loaded"
            checked={allChosen()}
            onChange={() =>
              allChosen()
                ? props.selection.clear()
                : props.selection.setAll(props.runs.map((run) => run.id))
            }
          />
        </span>
        <SortHead label="Run" of="name" sort={props.sort} onSort={props.onSort} />
        <SortHead label="Status" of="status" sort={props.sort} onSort={props.onSort} />
        <SortHead label="Project" of="project" sort={props.sort} onSort={props.onSort} />
        <For each={columns()}>
          {(name) => (
            <span role="columnheader" class={styles.metricHead} title={name}>
              {name}
            </span>
          )}
        </For>
        <span role="columnheader">Duration</span>
        <SortHead label="Created" of="created_at" sort={props.sort} onSort={props.onSort} />
      </div>
      <div
        ref={(element) => {
          place = element;
        }}
        class={styles.body}
        role="rowgroup"
        style={{ height: `${rows.getTotalSize()}px` }}
      >
        <For each={rows.getVirtualItems()}>
          {(item) => (
            <Show when={props.runs[item.index]}>
              {(run) => (
                <RunRow
                  run={props.live(run())}
                  columns={columns()}
                  index={item.index}
                  offset={item.start - top()}
                  isCurrent={item.index === at()}
                  isChosen={props.selection.has(run().id)}
                  onToggle={(isRange) => {
                    setAt(item.index);
                    props.selection.toggle(run().id, isRange);
                  }}
                />
              )}
            </Show>
          )}
        </For>
      </div>
    </div>
  );
}

function SortHead(props: {
  label: string;
  of: string;
  sort: string;
  onSort: (sort: string) => void;
}): JSX.Element {
  const isUp = (): boolean => props.sort === props.of;
  const isDown = (): boolean => props.sort === `-${props.of}`;
  const direction = (): "ascending" | "descending" | "none" => {
    if (isUp()) return "ascending";
    return isDown() ? "descending" : "none";
  };
  return (
    <span role="columnheader" aria-sort={direction()}>
      <button
        type="button"
        class={styles.sort}
        onClick={() => props.onSort(isUp() ? `-${props.of}` : props.of)}
      >
        {props.label}
        <Show when={isUp()}>
          <ArrowUp size={14} aria-hidden="true" />
        </Show>
        <Show when={isDown()}>
          <ArrowDown size={14} aria-hidden="true" />
        </Show>
      </button>
    </span>
  );
}
