import { expect, test } from "vitest";
import type { SeriesStore } from "./series-store";
import { timesOf } from "./time-range";

const points = {
  n: 4,
  step: Float64Array.of(0, 10, 20, 30),
  wallMs: Float64Array.of(1_000, 2_000, 3_000, 4_000),
};
const store = {
  series: (name: string) => (name === "loss" ? { points } : undefined),
} as unknown as SeriesStore;

test("a window of steps is from its first point's time to its last one's", () => {
  expect(timesOf({ first: 5, last: 25 }, store, ["lr", "loss"])).toEqual({
    from: 2_000,
    to: 3_000,
  });
});

test("a window of time is itself, and one without points is none", () => {
  expect(timesOf({ first: 7, last: 9, isWall: true }, store, [])).toEqual({ from: 7, to: 9 });
  expect(timesOf({ first: 11, last: 19 }, store, ["loss"])).toBeNull();
  expect(timesOf(null, store, ["loss"])).toBeNull();
});
