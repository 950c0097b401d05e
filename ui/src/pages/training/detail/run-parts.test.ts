import { describe, expect, test } from "vitest";
import { Points } from "~/charts/points";
import { ansiPieces } from "./logs/ansi";
import { epochsOf, metricX, runAxis, stepsBetween, valuesAt, xOf } from "./axes";
import { chartGroups, isSystem } from "./chart-groups";
import { withPositiveX } from "./chart-lines";
import { flatten } from "~/components/flatten";

function somePoints(...rows: [step: number, value: number, wallMs: number][]): Points {
  const points = Points.empty();
  for (const [step, value, wallMs] of rows) points.append(step, value, wallMs);
  return points;
}

describe("chartGroups", () => {
  test("a metric of several splits is one chart, training first", () => {
    const [main] = chartGroups(["val/loss", "loss", "train_acc", "val_acc", "lr"]);

    expect(main).toEqual({
      title: "Metrics",
      charts: [
        { title: "loss", names: ["loss", "val/loss"] },
        { title: "acc", names: ["train_acc", "val_acc"] },
        { title: "lr", names: ["lr"] },
      ],
    });
  });

  test("another prefix is a group of its own, epoch is no chart", () => {
    const groups = chartGroups(["grad/norm", "epoch", "loss", "grad/max"]);

    expect(groups.map((group) => [group.title, group.charts.map((one) => one.title)])).toEqual([
      ["Metrics", ["loss"]],
      ["grad", ["grad/max", "grad/norm"]],
    ]);
  });

  test("the machine's figures are told from the model's", () => {
    const names = ["gpu_util", "memory_mb", "system/cpu", "system_accuracy", "loss"];

    expect(names.filter(isSystem)).toEqual(["gpu_util", "memory_mb", "system/cpu"]);
  });
});

describe("axes", () => {
  const loss = somePoints([0, 1, 1_000], [5, 0.8, 2_000], [10, 0.5, 4_000]);

  test("each axis gives its own x", () => {
    expect([...xOf(loss, "step", 1_000, undefined)]).toEqual([0, 5, 10]);
    expect([...xOf(loss, "relative", 1_000, undefined)]).toEqual([0, 1, 3]);
    expect([...xOf(loss, "wall", 1_000, undefined)]).toEqual([1, 2, 4]);
  });

  test("steps within an epoch spread between its beginning and the next", () => {
    const epoch = somePoints([0, 0, 0], [5, 0, 0], [10, 1, 0], [20, 1, 0]);

    expect([...epochsOf(Float64Array.of(0, 5, 10, 15, 20), epoch)]).toEqual([0, 0.5, 1, 1.5, 2]);
  });

  test("without an epoch series there is no x", () => {
    expect([...epochsOf(Float64Array.of(1, 2), undefined)]).toEqual([Number.NaN, Number.NaN]);
  });

  test("another metric is joined by step, the later of two values at one", () => {
    const tokens = somePoints([0, 5, 0], [5, 10, 0], [5, 11, 1], [7, 12, 2]);

    expect([...valuesAt(loss.steps(), tokens)]).toEqual([5, 11, Number.NaN]);
  });

  test("without a choice a chart is drawn over what the run defines, if it has that", () => {
    const definitions = {
      "val/*": { step_metric: "epoch" },
      "val/loss": { step_metric: "tokens" },
    };
    const known = ["tokens", "val/loss", "val/acc"];
    const metricOf = (chosen: string, name: string): string | null =>
      runAxis(chosen, name, definitions, known).metric;

    expect(metricOf("", "val/loss")).toBe("tokens");
    expect(metricOf("", "val/acc")).toBeNull();
    expect(metricOf("step", "val/loss")).toBeNull();
    expect(metricOf(metricX("val/acc"), "val/loss")).toBe("val/acc");
    expect(metricOf(metricX("gone"), "val/loss")).toBeNull();
  });

  test("a stretch of any axis becomes a stretch of steps", () => {
    const steps = [10, 20, 30, 40];

    expect(stepsBetween(steps, [0, 1, 2, 3], 0.5, 2.5)).toEqual({ first: 20, last: 30 });
    expect(stepsBetween(steps, [0, 1, 2, 3], 1.2, 1.4)).toBeNull();
  });
});

describe("ansiPieces", () => {
  test("a plain line is one piece", () => {
    expect(ansiPieces("epoch 1")).toEqual([{ text: "epoch 1", styles: [] }]);
  });

  test("colours become styles, and end", () => {
    expect(ansiPieces("\u001B[1;31mbad\u001B[0m ok \u001B[92mgood")).toEqual([
      { text: "bad", styles: ["bold", "red"] },
      { text: " ok ", styles: [] },
      { text: "good", styles: ["green"] },
    ]);
  });

  test("what moves a cursor is dropped", () => {
    expect(ansiPieces("\u001B[2K\u001B[1Gdone")).toEqual([{ text: "done", styles: [] }]);
  });
});

test("nested configuration is flat, in the order it was written", () => {
  expect(
    flatten({ lr: 0.1, opt: { name: "adam", betas: [0.9, 0.99], none: {} }, x: null }),
  ).toEqual([
    ["lr", "0.1"],
    ["opt.name", "adam"],
    ["opt.betas", "[0.9,0.99]"],
    ["opt.none", "{}"],
    ["x", "null"],
  ]);
  expect(flatten({})).toEqual([]);
});

test("a log axis leaves out what lies at zero and below, and counts it", () => {
  const line = { label: "loss", color: 0, x: [-1, 0, 1, 10], y: [4, 3, 2, 1] };

  const { lines, nLeftOut } = withPositiveX([{ ...line, isFaint: true }, line]);

  expect(nLeftOut).toBe(2);
  expect(lines.map((one) => [one.x, one.y])).toEqual([
    [
      [1, 10],
      [2, 1],
    ],
    [
      [1, 10],
      [2, 1],
    ],
  ]);
});
