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

const IDLE: Omit<MetricsRow, "timestamp"> = {
  requests_total: 0,
  requests_success: 0,
  requests_error: 0,
  latency_p50: null,
  latency_p95: null,
  latency_p99: null,
};

/**
 * Rows as columns; a second without an answer has no latency (NaN). No row is kept of an idle
 * second: where rows are further apart than `step_ms`, two idle ones bound the pause.
 */
export function columnsOf(kept: readonly MetricsRow[], step_ms = 1_000): Columns {
  const rows = kept.flatMap((row, index) => {
    const next = kept[index + 1];
    const at = Date.parse(row.timestamp);
    const pause_ms = next ? Date.parse(next.timestamp) - at : 0;
    if (pause_ms < 2.5 * step_ms) return [row];
    const idle = (ms: number): MetricsRow => ({ ...IDLE, timestamp: new Date(ms).toISOString() });
    return [row, idle(at + step_ms), idle(at + pause_ms - step_ms)];
  });
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
