import { expect, test } from "vitest";
import type { MetricsRow } from "~/api/types";
import { columnsOf } from "./rows";

const at = (second: number, requests: number): MetricsRow => ({
  timestamp: new Date(second * 1000).toISOString(),
  requests_total: requests,
  requests_success: requests,
  requests_error: 0,
  latency_p50: 1,
  latency_p95: 2,
  latency_p99: 3,
});

test("a pause between two busy seconds is drawn as a pause, not as a slope", () => {
  const columns = columnsOf([at(10, 5), at(11, 6), at(20, 7)]);

  expect(columns.seconds).toEqual([10, 11, 12, 19, 20]);
  expect(columns.success).toEqual([5, 6, 0, 0, 7]);
  expect(columns.p95).toEqual([2, 2, Number.NaN, Number.NaN, 2]);
});
