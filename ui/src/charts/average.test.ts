import { expect, test } from "vitest";
import { Points } from "./points";
import { emaOf, gaussian, halfWidth, runningMean } from "./average";

const MISSING = Number.NaN;

test("the exponential average is unbiased from its first point on, and NaN does not spread", () => {
  expect([...emaOf([1, 3, MISSING, 5], 0.5)]).toEqual([1, 7 / 3, MISSING, 27 / 7]);
  expect([...emaOf([7, 7, 7], 0.99)].every((one) => Math.abs(one - 7) < 1e-12)).toBe(true);
});

test("a running mean is that of the points within reach, however they are spaced", () => {
  expect([...runningMean([0, 1, 2, 10], [3, 6, 9, 100], 1)]).toEqual([4.5, 6, 7.5, 100]);
  expect([...runningMean([0, 1, 2], [1, MISSING, 3], 2)]).toEqual([2, MISSING, 2]);
});

test("a Gaussian spreads a spike evenly to both sides and keeps its area", () => {
  const y = Array.from({ length: 201 }, (_, i) => Number(i === 100));

  const bell = gaussian(
    y.map((_, i) => i),
    y,
    20,
  );

  expect(bell.reduce((sum, one) => sum + one, 0)).toBeCloseTo(1, 6);
  expect(bell[90]).toBeCloseTo(bell[110] ?? 0, 9);
  expect(bell[100]).toBeGreaterThan(bell[90] ?? 1);
});

test("weight 0 reaches nowhere", () => {
  expect(halfWidth(0, 1_000)).toBe(0);
  expect([...runningMean([0, 1], [3, 4], 0)]).toEqual([3, 4]);
});

test("the live tail goes on from the server's average as if every point were here", () => {
  const y = [4, 1, 7, 5, 2, 9];
  const points = new Points(Float64Array.of(0, 1), Float64Array.of(4, 1), Float64Array.of(0, 1));
  points.withAverage(emaOf([4, 1], 0.9), 0.9);

  for (let step = 2; step < y.length; step += 1) points.append(step, y[step] ?? 0, step);

  const expected = emaOf(y, 0.9);
  expect((points.averages() ?? []).map((one, i) => one - (expected[i] ?? 0))).toSatisfy(
    (gaps: Float64Array) => gaps.every((gap) => Math.abs(gap) < 1e-9),
  );
  points.append(6, MISSING, 6);
  expect(points.averages()?.[6]).toBeNaN();
});
