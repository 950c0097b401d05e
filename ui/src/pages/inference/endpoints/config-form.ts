import type { EndpointConfig } from "~/api/types";

/** A number of an endpoint's configuration, as the form shows it. */
export interface ConfigField {
  key: "max_batch_rows" | "max_delay_ms" | "queue_rows" | "timeout_ms" | "threads" | "memory_mb";
  label: string;
  hint: string;
  min: number;
  max: number;
  /** Whether it may be left empty. */
  optional?: boolean;
}

export const FIELDS: readonly ConfigField[] = [
  {
    key: "max_batch_rows",
    label: "Rows in a batch",
    hint: "Answered together, and at most in one request.",
    min: 1,
    max: 65_536,
  },
  {
    key: "max_delay_ms",
    label: "Wait for company (ms)",
    hint: "0: a batch never waits to fill.",
    min: 0,
    max: 1_000,
  },
  {
    key: "queue_rows",
    label: "Rows that may wait",
    hint: "Above, requests get 429.",
    min: 1,
    max: 1_000_000,
  },
  {
    key: "timeout_ms",
    label: "Deadline (ms)",
    hint: "After it a request gets 504.",
    min: 1,
    max: 600_000,
  },
  { key: "threads", label: "Threads", hint: "Of each replica.", min: 1, max: 64 },
  {
    key: "memory_mb",
    label: "Memory (MiB)",
    hint: "Of each replica; empty: no limit.",
    min: 64,
    max: 1_048_576,
    optional: true,
  },
];

/** What is wrong with a field's text; null where it is right. */
export function problemOf(field: ConfigField, text: string): string | null {
  if (text.trim() === "") return field.optional ? null : "A number is needed.";
  const value = Number(text);
  const isWhole = field.key === "max_delay_ms" || Number.isInteger(value);
  return Number.isFinite(value) && isWhole && value >= field.min && value <= field.max
    ? null
    : `${field.min} to ${field.max}.`;
}

/** The configuration with the texts of the form in it; they must be right. */
export function withTexts(
  config: EndpointConfig,
  texts: Partial<Record<ConfigField["key"], string>>,
): EndpointConfig {
  const changed = { ...config };
  for (const field of FIELDS) {
    const text = texts[field.key];
    if (text === undefined) continue;
    if (field.key === "memory_mb") changed.memory_mb = text.trim() === "" ? null : Number(text);
    else changed[field.key] = Number(text);
  }
  return changed;
}
