import { expect, test } from "vitest";
import { exampleInputs } from "./predicting";
import type { Signature } from "./types";

const takes = (...inputs: Signature["inputs"]): Signature => ({ inputs, outputs: [] });

test("one input is asked for as its rows, several by name", () => {
  const x = { name: "x", dtype: "float32" as const, shape: [-1, 3] };
  const flag = { name: "flag", dtype: "bool" as const, shape: [-1] };

  expect(exampleInputs(takes(x))).toEqual([[0, 0, 0]]);
  expect(exampleInputs(takes(x, flag))).toEqual({ x: [[0, 0, 0]], flag: [false] });
});
