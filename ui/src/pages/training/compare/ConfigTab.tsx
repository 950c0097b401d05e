import { A } from "@solidjs/router";
import Download from "lucide-solid/icons/download";
import { createMemo, createSignal, For, type JSX, Show } from "solid-js";
import type { RunComparison } from "~/api/types";
import { saveFile } from "~/charts/export";
import { Button } from "~/components/Button/Button";
import { EmptyState } from "~/components/EmptyState/EmptyState";
import styles from "./config.module.css";
import controls from "./controls.module.css";
import type { RunLook } from "./looks";
import { Swatch } from "./RunsBar";
import {
  type Cell,
  cellText,
  commonest,
  csvOfRows,
  differenceOf,
  type Row,
  rowsOf,
  shownRows,
} from "./rows";
import type { CompareView } from "./view";

export interface ConfigTabProps {
  comparison: RunComparison;
  looks: readonly RunLook[];
  view: CompareView;
  hovered: string | null;
  onHover: (run: string | null) => void;
}

/** A browser lays out about so many cells at once without a stall. */
const CELLS = 6_000;

/** What runs were given and what came out, key by key; first only what differs. */
export default function ConfigTab(props: ConfigTabProps): JSX.Element {
  const [pages, setPages] = createSignal(1);
  const rows = createMemo(() => rowsOf(props.comparison));
  const isAll = (): boolean => props.view.text("rows") === "all";
  const found = createMemo(() => shownRows(rows(), isAll(), props.view.text("find")));
  const atOnce = (): number => Math.max(50, Math.floor(CELLS / Math.max(1, props.looks.length)));
  const shown = (): Row[] => found().slice(0, pages() * atOnce());
  const base = (): RunLook | undefined =>
    props.looks.find((look) => look.run.id === props.view.text("base"));
  const save = (): void => {
    const names = props.looks.map((look) => look.run.name);
    const cut = found().map((row) => {
      const values = props.looks.map((look) => row.values[look.index] ?? null);
      return Object.assign({}, row, { values });
    });
    saveFile("comparison.csv", new Blob([csvOfRows(cut, names)], { type: "text/csv" }));
  };
  return (
    <>
      <div class={controls.controls} role="group" aria-label="Which rows are shown">
        <input
          type="search"
          class={controls.search}
          placeholder="Filter keys"
          aria-label="Filter keys by name"
          value={props.view.text("find")}
          onInput={(event) => props.view.set("find", event.currentTarget.value)}
        />
        <label class={controls.control}>
          <input
            type="checkbox"
            checked={!isAll()}
            onChange={(event) => props.view.set("rows", event.currentTarget.checked ? "" : "all")}
          />
          <span>Only what differs</span>
        </label>
        <span class={controls.note}>
          {found().length} of {rows().length} rows;{" "}
          {base()
            ? `≠ marks what differs from ${base()?.run.name}`
            : "≠ marks what differs from most runs"}
        </span>
        <Button size="small" icon={<Download size={14} />} onClick={save}>
          CSV
        </Button>
      </div>
      <Show
        when={found().length > 0}
        fallback={
          <EmptyState title={isAll() ? "No key has this in its name" : "Nothing differs"}>
            {isAll()
              ? "Clear the filter to see all."
              : "These runs were given the same. Untick “Only what differs” to see what."}
          </EmptyState>
        }
      >
        <DiffTable {...props} rows={shown()} base={base()} />
        <Show when={shown().length < found().length}>
          <Button onClick={() => setPages(pages() + 1)}>
            Show {Math.min(atOnce(), found().length - shown().length)} more
          </Button>
        </Show>
      </Show>
    </>
  );
}

const SAME = { isOther: false, text: "" };

interface DiffTableProps extends ConfigTabProps {
  rows: readonly Row[];
  base: RunLook | undefined;
}

function DiffTable(props: DiffTableProps): JSX.Element {
  const isFirst = (row: Row, at: number): boolean => props.rows[at - 1]?.section !== row.section;
  return (
    <div class={styles.scroller} role="region" aria-label="Runs and their keys" tabindex="0">
      <table class={styles.table}>
        <caption class="visually-hidden">Keys by row, runs by column</caption>
        <thead>
          <tr>
            <th scope="col" class={styles.key}>
              Key
            </th>
            <For each={props.looks}>
              {(look) => (
                <th
                  scope="col"
                  classList={{ [styles.hovered ?? ""]: props.hovered === look.run.id }}
                  onPointerEnter={() => props.onHover(look.run.id)}
                  onPointerLeave={() => props.onHover(null)}
                >
                  <span class={styles.run}>
                    <Swatch color={look.color} dash={look.dash} />
                    <A href={`/training/${look.run.id}`} title={look.run.name}>
                      {look.run.name}
                    </A>
                  </span>
                  <Show when={look.run.id === props.base?.run.id}>
                    <span class={styles.base}>baseline</span>
                  </Show>
                </th>
              )}
            </For>
          </tr>
        </thead>
        <tbody>
          <For each={props.rows}>
            {(row, at) => (
              <>
                <Show when={isFirst(row, at())}>
                  <tr class={styles.section}>
                    <th scope="rowgroup" colspan={props.looks.length + 1}>
                      <span>{row.section}</span>
                    </th>
                  </tr>
                </Show>
                <DiffRow row={row} looks={props.looks} base={props.base} hovered={props.hovered} />
              </>
            )}
          </For>
        </tbody>
      </table>
    </div>
  );
}

function DiffRow(props: {
  row: Row;
  looks: readonly RunLook[];
  base: RunLook | undefined;
  hovered: string | null;
}): JSX.Element {
  const value = (look: RunLook): Cell => props.row.values[look.index] ?? null;
  const usual = createMemo(() =>
    props.base ? value(props.base) : commonest(props.looks.map(value)),
  );
  return (
    <tr>
      <th scope="row" class={styles.key} title={props.row.key}>
        {props.row.key}
      </th>
      <For each={props.looks}>
        {(look) => {
          const difference = () => {
            const against = usual();
            return against === undefined ? SAME : differenceOf(value(look), against);
          };
          const isMarked = (): boolean =>
            difference().isOther && (props.base !== undefined || props.row.section !== "Metrics");
          return (
            <td
              classList={{
                [styles.other ?? ""]: isMarked(),
                [styles.hovered ?? ""]: props.hovered === look.run.id,
                [styles.number ?? ""]: typeof value(look) === "number",
              }}
              title={cellText(value(look))}
            >
              <Show when={isMarked()}>
                <span class={styles.mark} aria-label="differs:" role="img">
                  ≠
                </span>
              </Show>
              <span class={styles.value}>{cellText(value(look))}</span>
              <Show when={props.base && difference().text}>
                <span class={styles.delta}>{difference().text}</span>
              </Show>
            </td>
          );
        }}
      </For>
    </tr>
  );
}
