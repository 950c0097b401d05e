import type { MetricsRow } from "~/api/types";

export interface Columns {
  /** Seconds since 1970. */
  seconds: number[];
  p50: number[];
  p95: number[];
  p99: number[];
  success: number[];
  error: number[];
}

/** Rows as columns; a second without an answer has no latency (NaN). */
export function columnsOf(rows: readonly MetricsRow[]): Columns {
  const column = (of: (row: MetricsRow) => number | null): number[] =>
    rows.map((row) => of(row) ?? Number.NaN);
  return {
    seconds: rows.map((row) => Date.parse(row.timestamp) / 1000),
    p50: column((row) => row.latency_p50),
    p95: column((row) => row.latency_p95),
    p99: column((row) => row.latency_p99),
    success: column((row) => row.requests_success),
    error: column((row) => row.requests_error),
  };
}
