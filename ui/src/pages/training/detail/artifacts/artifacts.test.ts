import { expect, test } from "vitest";
import { heatOf } from "./heatmap";
import { sortedRows } from "./sort";

const answer = (edges: number[][], counts: number[][]) => ({
  key: "w",
  n_steps: edges.length,
  step: edges.map((_, i) => i),
  edges,
  counts,
  n_nan: edges.map(() => 0),
  n_infinite: edges.map(() => 0),
});

test("histograms with other edges stand over one range, each with all of its values", () => {
  const heat = heatOf(
    answer(
      [
        [0, 1, 2],
        [-2, 2],
      ],
      [[1, 3], [8]],
    ),
    4,
  );

  expect(heat).toEqual({
    low: -2,
    high: 2,
    rows: [
      [0, 0, 0.25, 0.75],
      [0.25, 0.25, 0.25, 0.25],
    ],
  });
});

test("a histogram whose values are all the same has a band to be seen in", () => {
  const heat = heatOf(answer([[3, 3]], [[5]]), 4);

  expect(heat?.rows[0]?.reduce((sum, share) => sum + share, 0)).toBe(1);
});

test("no histogram is no range", () => {
  expect(heatOf(answer([], []), 4)).toBeNull();
});

test("rows sort by a column, nothing last either way", () => {
  const rows = [[2], [null], ["b"], [1]];

  expect(sortedRows(rows, { column: 0, down: false })).toEqual([[1], [2], ["b"], [null]]);
  expect(sortedRows(rows, { column: 0, down: true })).toEqual([["b"], [2], [1], [null]]);
  expect(sortedRows(rows, null)).toBe(rows);
});
