import { describe, expect, test } from "vitest";
import type { SeriesSummary } from "~/api/types";
import { Points } from "~/charts/points";
import { bestOf, progressOf, secondsLeft } from "./progress";

function a(name: string, last: Partial<SeriesSummary> = {}): SeriesSummary {
  return { name, n_points: 2, last_step: 99, last_value: 1, lowest: 0.1, highest: 2, ...last };
}

describe("progressOf", () => {
  test("steps are counted against the configuration's, wherever it names them", () => {
    const of100 = { unit: "step", done: 100, total: 400 };

    expect(progressOf({ total_steps: 400 }, [a("loss")])).toEqual(of100);
    expect(progressOf({ training: { max_steps: 400 } }, [a("loss")])).toEqual(of100);
  });

  test("figures of the machine do not count as progress", () => {
    expect(progressOf({ steps: 10 }, [a("system/cpu")])).toBeNull();
    expect(progressOf({ steps: 400 }, [a("loss"), a("system/cpu", { last_step: 300 })])?.done).toBe(
      100,
    );
  });

  test("without a count of steps the epochs tell, never more than all", () => {
    const epoch = a("epoch", { last_value: 7 });

    expect(progressOf({ epochs: 30 }, [epoch])).toEqual({ unit: "epoch", done: 7, total: 30 });
    expect(progressOf({ epochs: 5 }, [epoch])?.done).toBe(5);
  });

  test("a configuration that names no end, or nonsense, tells no progress", () => {
    expect(progressOf({ lr: 0.1 }, [a("loss")])).toBeNull();
    expect(progressOf({ steps: "many", epochs: 0 }, [a("loss"), a("epoch")])).toBeNull();
    expect(progressOf({ steps: 10 }, [])).toBeNull();
  });
});

describe("secondsLeft", () => {
  const progress = { unit: "step", done: 100, total: 400 } as const;

  test("the pace of the points carries on", () => {
    const points = new Points(
      Float64Array.of(0, 100),
      Float64Array.of(1, 1),
      Float64Array.of(1_000, 21_000),
    );

    expect(secondsLeft(progress, points)).toBe(60);
  });

  test("one point tells no pace", () => {
    const one = new Points(Float64Array.of(1), Float64Array.of(1), Float64Array.of(1));

    expect(secondsLeft(progress, one)).toBeNull();
    expect(secondsLeft(progress, undefined)).toBeNull();
  });
});

test("the best of a loss is its lowest, of an accuracy its highest, of others nothing is said", () => {
  expect(bestOf(a("val/loss"))).toBe(0.1);
  expect(bestOf(a("Accuracy"))).toBe(2);
  expect(bestOf(a("lr"))).toBeNull();
});
