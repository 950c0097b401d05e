import { useQuery } from "@tanstack/solid-query";
import { createMemo, createSignal, For, type JSX, Show } from "solid-js";
import type { LoggedTable, MediaItem } from "~/api/types";
import { valueText } from "~/charts/format";
import { ErrorNotice } from "~/components/ErrorNotice/ErrorNotice";
import { Skeleton } from "~/components/Skeleton/Skeleton";
import { Table } from "~/components/Table/Table";
import styles from "./artifacts.module.css";
import { contentOf } from "./content";
import { sortedRows } from "./sort";

const SHOWN = 200;

/** A logged table; a click on a column sorts by it. */
export function TableView(props: { item: MediaItem }): JSX.Element {
  const table = useQuery(() => ({
    queryKey: ["media", props.item.sha256],
    queryFn: async () => (await (await contentOf(props.item)).json()) as LoggedTable,
    staleTime: Infinity,
  }));
  const [by, setBy] = createSignal<{ column: number; down: boolean } | null>(null);
  const rows = createMemo(() => sortedRows(table.data?.data ?? [], by()));
  const sortBy = (column: number): void => {
    setBy((now) => ({ column, down: now?.column === column && !now.down }));
  };
  const direction = (column: number): "ascending" | "descending" | undefined => {
    const now = by();
    if (now?.column !== column) return undefined;
    return now.down ? "descending" : "ascending";
  };
  return (
    <Show
      when={table.data}
      fallback={
        <Show when={table.isError} fallback={<Skeleton height="10rem" />}>
          <ErrorNotice error={table.error} onRetry={() => void table.refetch()} />
        </Show>
      }
    >
      {(data) => (
        <>
          <Table
            caption={`${props.item.key} at step ${props.item.step}`}
            maxHeight="20rem"
            head={
              <For each={data().columns}>
                {(name, i) => (
                  <th scope="col" aria-sort={direction(i())}>
                    <button type="button" class={styles.sort} onClick={() => sortBy(i())}>
                      {name}
                      <span aria-hidden="true">
                        <Show when={direction(i())}>
                          {direction(i()) === "ascending" ? " ↑" : " ↓"}
                        </Show>
                      </span>
                    </button>
                  </th>
                )}
              </For>
            }
          >
            <For each={rows().slice(0, SHOWN)}>
              {(row) => (
                <tr>
                  <For each={row}>
                    {(cell) => (
                      <td data-numeric={typeof cell === "number" ? "" : undefined}>
                        {cellText(cell)}
                      </td>
                    )}
                  </For>
                </tr>
              )}
            </For>
          </Table>
          <Show when={rows().length > SHOWN}>
            <p class={styles.told}>
              {SHOWN} of {rows().length} rows
            </p>
          </Show>
        </>
      )}
    </Show>
  );
}

function cellText(cell: string | number | boolean | null): string {
  if (typeof cell === "number" && !Number.isInteger(cell)) return valueText(cell);
  return cell === null ? "" : String(cell);
}

/** A logged text, as it is. */
export function TextView(props: { item: MediaItem }): JSX.Element {
  const text = useQuery(() => ({
    queryKey: ["media", props.item.sha256],
    queryFn: async () => (await contentOf(props.item)).text(),
    staleTime: Infinity,
  }));
  return (
    <Show
      when={!text.isError}
      fallback={<ErrorNotice error={text.error} onRetry={() => void text.refetch()} />}
    >
      <pre class={styles.text} tabindex="0">
        {text.data ?? ""}
      </pre>
    </Show>
  );
}
