import Columns from "lucide-solid/icons/columns-3";
import { createMemo, createSignal, For, type JSX, Show } from "solid-js";
import { Button } from "~/components/Button/Button";
import { Popover } from "~/components/Popover/Popover";
import styles from "./chooser.module.css";
import { ChosenColumns } from "./ChosenColumns";
import { columnOf } from "./columns";
import type { KnownColumn, KnownColumns } from "./known";
import { added, type Placed, removed } from "./layout";

const MOST = 100;

export interface ColumnChooserProps {
  columns: readonly Placed[];
  known: KnownColumns;
  onChange: (columns: readonly Placed[] | null) => void;
}

/** Which columns the list shows, found by name among everything that runs say. */
export function ColumnChooser(props: ColumnChooserProps): JSX.Element {
  return (
    <Popover
      label="Columns"
      align="end"
      panelClass={styles.panel}
      trigger={
        <>
          <Columns size={15} /> <span>Columns</span>
        </>
      }
    >
      {() => <Chooser {...props} />}
    </Popover>
  );
}

function Chooser(props: ColumnChooserProps): JSX.Element {
  const [search, setSearch] = createSignal("");
  const areas = createMemo((): [string, readonly KnownColumn[]][] => [
    ["Metrics", matching(props.known.metrics, search())],
    ["Config", matching(props.known.config, search())],
    ["Tags", matching(props.known.tags, search())],
    ["Of every run", matching(props.known.own, search())],
  ]);
  const isShown = (key: string): boolean => props.columns.some((one) => one.key === key);
  const toggle = (key: string): void =>
    props.onChange(isShown(key) ? removed(props.columns, key) : added(props.columns, key));
  return (
    <div class={styles.chooser}>
      <input
        class={styles.search}
        type="search"
        placeholder="Search metrics, config, tags"
        aria-label="Search columns"
        value={search()}
        onInput={(event) => setSearch(event.currentTarget.value)}
      />
      <div class={styles.lists}>
        <Show when={search() === ""}>
          <ChosenColumns columns={props.columns} onChange={props.onChange} />
        </Show>
        <For each={areas()}>
          {([title, keys]) => (
            <Show when={keys.length > 0}>
              <fieldset class={styles.area}>
                <legend>{title}</legend>
                <For each={keys.slice(0, MOST)}>
                  {(one) => (
                    <label class={styles.one}>
                      <input
                        type="checkbox"
                        checked={isShown(one.key)}
                        disabled={one.key === "name"}
                        onChange={() => toggle(one.key)}
                      />
                      <span class={styles.label}>{columnOf(one.key)?.label}</span>
                      <Show when={one.nRuns > 0}>
                        <span class={styles.count}>{one.nRuns.toLocaleString("en")}</span>
                      </Show>
                    </label>
                  )}
                </For>
                <Show when={keys.length > MOST}>
                  <p class={styles.rest}>
                    {(keys.length - MOST).toLocaleString("en")} more: search for them
                  </p>
                </Show>
              </fieldset>
            </Show>
          )}
        </For>
        <Show when={areas().every(([, keys]) => keys.length === 0)}>
          <p class={styles.rest}>No column has “{search()}” in its name.</p>
        </Show>
      </div>
      <footer class={styles.foot}>
        <Button size="small" variant="ghost" onClick={() => props.onChange(null)}>
          Usual columns
        </Button>
      </footer>
    </div>
  );
}

function matching(keys: readonly KnownColumn[], search: string): readonly KnownColumn[] {
  const words = search.toLowerCase().split(/\s+/).filter(Boolean);
  if (words.length === 0) return keys;
  return keys.filter((one) => {
    const text = `${one.key} ${columnOf(one.key)?.label ?? ""}`.toLowerCase();
    return words.every((word) => text.includes(word));
  });
}
