import { expect, test } from "vitest";
import { countText, filterTensors, sortTensors } from "./tensors";

const tensors = [
  { name: "encoder.0.weight", dtype: "float32", shape: [64, 32], n_bytes: 8192 },
  { name: "encoder.0.bias", dtype: "float32", shape: [64], n_bytes: 256 },
  { name: "head.weight", dtype: "float16", shape: [10, 64], n_bytes: 1280 },
];
const names = (found: readonly { name: string }[]): string[] => found.map((one) => one.name);

test("each word of a filter narrows, by name, type or shape", () => {
  expect(names(filterTensors(tensors, "weight"))).toEqual(["encoder.0.weight", "head.weight"]);
  expect(names(filterTensors(tensors, "WEIGHT float16"))).toEqual(["head.weight"]);
  expect(names(filterTensors(tensors, "[64]"))).toEqual(["encoder.0.bias"]);
  expect(filterTensors(tensors, "  ")).toBe(tensors);
});

test("the largest come first where that is asked for", () => {
  expect(names(sortTensors(tensors, "size"))).toEqual([
    "encoder.0.weight",
    "head.weight",
    "encoder.0.bias",
  ]);
  expect(sortTensors(tensors, "file")).toBe(tensors);
});

test("parameters are counted as people say them", () => {
  expect([7500, 1_240_000, 6_738_000_000].map(countText)).toEqual(["7,500", "1.24 M", "6.74 B"]);
});
