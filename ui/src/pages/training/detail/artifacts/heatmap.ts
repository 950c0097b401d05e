import type { HistogramAnswer } from "~/api/types";

export interface Heat {
  low: number;
  high: number;
  /** One row a histogram, one cell a band of values: the share of the row's values, 0 to 1. */
  rows: number[][];
}

/**
 * Histograms over one common range of values: each count is spread evenly over the bands that its
 * bin covers, so that histograms with other edges stand beside each other truly.
 */
export function heatOf(answer: HistogramAnswer, bands: number): Heat | null {
  let low = Infinity;
  let high = -Infinity;
  for (const edges of answer.edges) {
    low = Math.min(low, edges[0] ?? Infinity);
    high = Math.max(high, edges.at(-1) ?? -Infinity);
  }
  if (!(low <= high)) return null;
  if (low === high) [low, high] = [low - 0.5, high + 0.5];
  const width = (high - low) / bands;
  const rows = answer.counts.map((counts, i) =>
    spread(counts, answer.edges[i] ?? [], bands, low, width),
  );
  return { low, high, rows };
}

function spread(
  counts: readonly number[],
  edges: readonly number[],
  bands: number,
  low: number,
  width: number,
): number[] {
  const row = Array.from({ length: bands }, () => 0);
  const total = counts.reduce((sum, count) => sum + count, 0) || 1;
  for (const [bin, count] of counts.entries()) {
    const from = ((edges[bin] ?? low) - low) / width;
    const to = ((edges[bin + 1] ?? low) - low) / width;
    const size = to - from;
    const last = Math.min(bands - 1, Math.max(Math.ceil(to) - 1, Math.floor(from)));
    for (let band = Math.min(Math.floor(from), bands - 1); band <= last; band += 1) {
      const part = size > 0 ? (Math.min(to, band + 1) - Math.max(from, band)) / size : 1;
      row[band] = (row[band] ?? 0) + (count / total) * part;
    }
  }
  return row;
}
