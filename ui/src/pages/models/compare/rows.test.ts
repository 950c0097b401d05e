import { expect, test } from "vitest";
import type { VersionComparison } from "~/api/types";
import { deltaText, sectionsOf, shownSections } from "./rows";

const comparison = {
  versions: [],
  metrics: [
    { name: "accuracy", values: [0.91, 0.95, null], differs: true },
    { name: "val/loss", values: [0.3, 0.2, 0.2], differs: true },
    { name: "epoch", values: [3, 4, 5], differs: true },
  ],
  config: [
    { key: "lr", values: [0.1, 0.01, 0.1], differs: true },
    { key: "optimizer", values: ["adam", "adam", "adam"], differs: false },
  ],
  tags: [{ tag: "quantised", has: [false, true, false], differs: true }],
  signature: [
    {
      role: "input",
      name: "x",
      values: [{ name: "x", dtype: "float32", shape: [-1, 3] }, null, null],
      differs: true,
    },
  ],
  files: [{ key: "size", values: [2048, 2048, 1024], differs: true }],
  latency: [null, { latency_p50: 1.5, latency_p95: 4 }, null],
} as unknown as VersionComparison;

const texts = (id: string): string[] | undefined =>
  sectionsOf(comparison)
    .flatMap((section) => section.rows)
    .find((row) => row.id === id)
    ?.cells.map((cell) => `${cell.text} ${cell.delta}${cell.isBest ? "*" : ""}`.trim());

test("the best of a metric is marked as its name says which way is good", () => {
  expect(texts("metric:accuracy")).toEqual(["0.91", "0.95 +0.04*", "–"]);
  expect(texts("metric:val/loss")).toEqual(["0.3", "0.2 −0.1*", "0.2 −0.1*"]);
  expect(texts("metric:epoch")).toEqual(["3", "4 +1", "5 +2"]);
});

test("what is no metric stands as people read it", () => {
  expect(texts("config:lr")).toEqual(["0.1", "0.01", "0.1"]);
  expect(texts("tag:quantised")).toEqual(["–", "yes", "–"]);
  expect(texts("input:x")).toEqual(["float32 [batch, 3]", "–", "–"]);
  expect(texts("file:size")).toEqual(["2.0 KiB", "2.0 KiB", "1.0 KiB"]);
  expect(texts("latency:p95")).toEqual(["–", "4", "–"]);
});

test("first only what differs is shown, and no section without rows", () => {
  const same = { ...comparison, metrics: [], files: [], latency: [null, null, null] };
  const names = (isAll: boolean): string[] =>
    shownSections(sectionsOf({ ...same, tags: [], signature: [] }), isAll).flatMap((section) =>
      section.rows.map((row) => row.key),
    );

  expect(names(false)).toEqual(["lr"]);
  expect(names(true)).toEqual(["lr", "optimizer"]);
});

test("a distance is said only where there is one", () => {
  expect(deltaText(0.5, null)).toBe("");
  expect(deltaText(0.5, 0.5)).toBe("");
  expect(deltaText(Number.NaN, 0.5)).toBe("");
  expect(deltaText(0.1 + 0.2, 0.1)).toBe("+0.2");
});
