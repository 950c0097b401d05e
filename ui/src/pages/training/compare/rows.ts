/** The table of a comparison: a row for each key, a cell for each run. */
import { valueText } from "~/charts/format";
import type { RunComparison } from "~/api/types";

export type Cell = number | string | boolean | null;

export interface Row {
  id: string;
  section: string;
  key: string;
  differs: boolean;
  values: readonly Cell[];
}

const SECTIONS: Record<string, string> = {
  config: "Config",
  tags: "Tags",
  run: "Run",
  launch: "Launch",
};
const ORDER = ["Config", "Metrics", "Tags", "Launch", "Run"];

/** Every row; `differs` tells those that most people look for. */
export function rowsOf(comparison: RunComparison): Row[] {
  const keys = comparison.keys.map(({ space, key, differs, values }) => ({
    id: `${space}:${key}`,
    section: SECTIONS[space] ?? space,
    key,
    differs,
    values,
  }));
  const metrics = comparison.metrics
    .map(({ name, value }) => ({
      id: `metric:${name}`,
      section: "Metrics",
      key: name,
      differs: new Set(value).size > 1,
      values: value,
    }))
    .filter((row) => row.values.some((value) => value !== null));
  return [...keys, ...metrics].toSorted(
    (a, b) => ORDER.indexOf(a.section) - ORDER.indexOf(b.section),
  );
}

export function shownRows(rows: readonly Row[], isAll: boolean, find: string): Row[] {
  const text = find.toLowerCase();
  return rows.filter((row) => (isAll || row.differs) && row.key.toLowerCase().includes(text));
}

/** How a value stands to the baseline's. */
export interface Difference {
  isOther: boolean;
  /** `+0.02 (+12%)`, "" where no number tells it. */
  text: string;
}

export function differenceOf(value: Cell, base: Cell): Difference {
  const isOther = value !== base;
  if (!isOther || typeof value !== "number" || typeof base !== "number") {
    return { isOther, text: "" };
  }
  const by = value - base;
  const sign = by > 0 ? "+" : "−";
  const share = base === 0 ? "" : ` (${sign}${shareText(Math.abs(by / base))})`;
  return { isOther, text: `${sign}${valueText(Number(Math.abs(by).toPrecision(3)))}${share}` };
}

function shareText(share: number): string {
  return share >= 10 ? `${valueText(share + 1)}×` : `${Number((share * 100).toPrecision(2))}%`;
}

/** What a cell shows. */
export function cellText(value: Cell): string {
  if (value === null) return "–";
  if (typeof value === "number") return Number.isInteger(value) ? String(value) : valueText(value);
  return String(value);
}

/** The value that most runs have, to tell the odd ones; undefined where no two have the same. */
export function commonest(values: readonly Cell[]): Cell | undefined {
  const counts = new Map<Cell, number>();
  for (const value of values) counts.set(value, (counts.get(value) ?? 0) + 1);
  let best: Cell | undefined;
  let most = 1;
  for (const [value, count] of counts) if (count > most) [best, most] = [value, count];
  return best;
}

/** RFC 4180: a row for each key, a column for each run; no text is run as a formula. */
export function csvOfRows(rows: readonly Row[], names: readonly string[]): string {
  const line = (cells: readonly (Cell | undefined)[]): string => cells.map(quoted).join(",");
  const body = rows.map((row) => line([row.section, row.key, ...row.values]));
  return [line(["section", "key", ...names]), ...body, ""].join("\r\n");
}

function quoted(value: Cell | undefined): string {
  if (value === null || value === undefined) return "";
  if (typeof value !== "string") return String(value);
  const safe = /^[=+\-@\t\r]/.test(value) && Number.isNaN(Number(value)) ? `'${value}` : value;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}
