/** The table of a comparison: a row for each key, a cell for each version. */
import type { VersionComparison } from "~/api/types";
import { goalOf } from "~/charts/goal";
import { bytesText } from "~/components/Bytes/Bytes";
import { metricText, shapeText } from "../parts/metrics";

/** So much of a hash tells two files apart. */
const HASH_CHARACTERS = 16;
/** So many figures tell two learning rates apart. */
const FIGURES = 7;

export interface Cell {
  text: string;
  /** How it stands to the first version: "+0.02", "" where no number tells it. */
  delta: string;
  isBest: boolean;
  /** What is read in full where the text is cut. */
  title: string;
}

export interface Row {
  id: string;
  key: string;
  differs: boolean;
  isNumeric: boolean;
  isHash?: boolean;
  cells: Cell[];
}

export interface Section {
  name: string;
  rows: Row[];
}

/** Every section of a comparison that has rows. */
export function sectionsOf(comparison: VersionComparison): Section[] {
  const sections: Section[] = [
    { name: "Metrics", rows: metricRows(comparison) },
    { name: "Latency where it is deployed", rows: latencyRows(comparison) },
    {
      name: "Config",
      rows: comparison.config.map((row) => plainRow("config", row.key, row, valueText)),
    },
    { name: "Tags", rows: tagRows(comparison) },
    { name: "Signature", rows: signatureRows(comparison) },
    {
      name: "File",
      rows: comparison.files.map((row) => fileRow(row.key, row)),
    },
  ];
  return sections.filter((section) => section.rows.length > 0);
}

/** What is left of the sections when only rows that differ are wanted. */
export function shownSections(sections: readonly Section[], isAll: boolean): Section[] {
  return sections
    .map(({ name, rows }) => ({ name, rows: rows.filter((row) => isAll || row.differs) }))
    .filter((section) => section.rows.length > 0);
}

function metricRows(comparison: VersionComparison): Row[] {
  return comparison.metrics.map(({ name, values, differs }) => ({
    id: `metric:${name}`,
    key: name,
    differs,
    isNumeric: true,
    cells: figures(values, goalOf(name)),
  }));
}

function latencyRows({ latency }: VersionComparison): Row[] {
  if (latency.every((one) => one === null)) return [];
  return (["p50", "p95"] as const).map((part) => {
    const values = latency.map((one) => one?.[`latency_${part}`] ?? null);
    return {
      id: `latency:${part}`,
      key: `${part}, ms`,
      differs: new Set(values).size > 1,
      isNumeric: true,
      cells: figures(values, "low"),
    };
  });
}

/** Numbers with their distance to the first version's, the best of them marked. */
function figures(values: readonly (number | null)[], goal: "low" | "high" | null): Cell[] {
  const numbers = values.filter((value) => value !== null && Number.isFinite(value)) as number[];
  const best = goal === "low" ? Math.min(...numbers) : Math.max(...numbers);
  const isMarked = goal !== null && new Set(numbers).size > 1;
  const [base] = values;
  return values.map((value, at) => ({
    text: value === null ? "–" : metricText(value),
    title: value === null ? "" : String(value),
    delta: at === 0 || value === null ? "" : deltaText(value, base ?? null),
    isBest: isMarked && value === best,
  }));
}

/** "+0.02", "−1.5e-4": how far a value is from another. */
export function deltaText(value: number, base: number | null): string {
  if (base === null || !Number.isFinite(value) || !Number.isFinite(base) || value === base) {
    return "";
  }
  const by = Number(Math.abs(value - base).toPrecision(3));
  return `${value > base ? "+" : "−"}${metricText(by)}`;
}

function tagRows(comparison: VersionComparison): Row[] {
  return comparison.tags.map(({ tag, has, differs }) =>
    plainRow("tag", tag, { values: has, differs }, (value) => (value === true ? "yes" : "–")),
  );
}

function signatureRows(comparison: VersionComparison): Row[] {
  return comparison.signature.map((row) => ({
    id: `${row.role}:${row.name}`,
    key: `${row.role === "input" ? "takes" : "gives"} ${row.name}`,
    differs: row.differs,
    isNumeric: false,
    cells: row.values.map((spec) => plain(spec === null ? "–" : shapeText(spec.dtype, spec.shape))),
  }));
}

function plainRow(
  space: string,
  key: string,
  row: { values: readonly unknown[]; differs: boolean },
  text: (value: unknown) => string,
): Row {
  return {
    id: `${space}:${key}`,
    key,
    differs: row.differs,
    isNumeric: row.values.every((value) => value === null || typeof value === "number"),
    cells: row.values.map((value) => ({ ...plain(text(value)), title: fullText(value) })),
  };
}

function fileRow(key: string, row: { values: readonly unknown[]; differs: boolean }): Row {
  if (key !== "sha256") return plainRow("file", key, row, key === "size" ? sizeText : valueText);
  const cells = row.values.map((value) => ({
    ...plain(valueText(value).slice(0, HASH_CHARACTERS)),
    title: valueText(value),
  }));
  return {
    id: "file:sha256",
    key: "SHA-256",
    differs: row.differs,
    isNumeric: false,
    isHash: true,
    cells,
  };
}

function plain(text: string): Cell {
  return { text, title: text, delta: "", isBest: false };
}

function valueText(value: unknown): string {
  if (typeof value === "number") return String(Number(value.toPrecision(FIGURES)));
  return fullText(value);
}

function fullText(value: unknown): string {
  if (value === null || value === undefined) return "–";
  return typeof value === "string" ? value : JSON.stringify(value);
}

function sizeText(value: unknown): string {
  return typeof value === "number" ? bytesText(value) : valueText(value);
}
