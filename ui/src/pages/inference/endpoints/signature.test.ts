import { expect, test } from "vitest";
import type { Signature } from "~/api/types";
import { barsOf, inputsOf, pictureOf } from "./signature";

const takes = (...inputs: Signature["inputs"]): Signature => ({ inputs, outputs: [] });

test("64 numbers can be drawn as the digits of scikit-learn, 784 as those of MNIST", () => {
  const of = (...shape: number[]) =>
    pictureOf(takes({ name: "x", dtype: "float32", shape }))?.side ?? null;

  expect(of(-1, 64)).toBe(8);
  expect(of(-1, 1, 28, 28)).toBe(28);
  expect(of(-1, 65)).toBeNull();
  expect(of(-1, -1)).toBeNull();
});

test("a drawing becomes rows of the input's own shape and scale", () => {
  const pixels = Array.from({ length: 64 }, (_, i) => (i === 9 ? 1 : 0));

  const rows = inputsOf({ side: 8, ink: 16, shape: [1, 8, 8] }, pixels) as number[][][];

  expect(rows[0]?.[1]?.[1]).toBe(16);
  expect(rows.flat(2).reduce((a, b) => a + b)).toBe(16);
});

test("probabilities are shown as bars, other outputs are not", () => {
  expect(barsOf({ label: [7], probabilities: [[0.25, 0.75]] })).toEqual({
    name: "probabilities",
    bars: [
      { label: "0", share: 0.25 },
      { label: "1", share: 0.75 },
    ],
  });
  expect(barsOf([[2, 3]])).toBeNull();
  expect(barsOf([1])).toBeNull();
  expect(barsOf(null)).toBeNull();
});
