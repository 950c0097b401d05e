import { For, type JSX, Show } from "solid-js";
import { Table } from "~/components/Table/Table";
import type { ChartSeries } from "./series";
import { unitText } from "./units";

const ROWS = 200;

export interface DataTableProps {
  title: string;
  xLabel: string;
  xText: (x: number) => string;
  series: readonly ChartSeries[];
}

/** The points of a chart as a table: the last ones, newest first. */
export function DataTable(props: DataTableProps): JSX.Element {
  const lines = (): ChartSeries[] => props.series.filter((one) => !one.isFaint);
  const rows = (): { x: number; values: (number | undefined)[] }[] => rowsOf(lines());
  return (
    <Table
      caption={`${props.title}, the last ${ROWS} points`}
      maxHeight="18rem"
      head={
        <>
          <th scope="col">{props.xLabel}</th>
          <For each={lines()}>
            {(line) => (
              <th scope="col" data-numeric="">
                {line.label}
              </th>
            )}
          </For>
        </>
      }
    >
      <For each={rows()}>
        {(row) => (
          <tr>
            <td>{props.xText(row.x)}</td>
            <For each={row.values}>
              {(value, column) => (
                <td data-numeric="">
                  <Show when={value !== undefined}>{unitText(value, lines()[column()]?.unit)}</Show>
                </td>
              )}
            </For>
          </tr>
        )}
      </For>
    </Table>
  );
}

/** Rows by x over all lines, newest first, at most `ROWS`. */
export function rowsOf(
  lines: readonly ChartSeries[],
): { x: number; values: (number | undefined)[] }[] {
  const rows = new Map<number, (number | undefined)[]>();
  for (const [column, line] of lines.entries()) {
    for (let i = Math.max(0, line.x.length - ROWS); i < line.x.length; i += 1) {
      const x = line.x[i] ?? 0;
      let row = rows.get(x);
      if (!row) {
        row = Array.from<number | undefined>({ length: lines.length });
        rows.set(x, row);
      }
      row[column] = line.y[i];
    }
  }
  return [...rows]
    .map(([x, values]) => ({ x, values }))
    .toSorted((a, b) => b.x - a.x)
    .slice(0, ROWS);
}
