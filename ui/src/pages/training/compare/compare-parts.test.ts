import { describe, expect, test } from "vitest";
import type { RunComparison } from "~/api/types";
import { fieldNamed, fieldsOf, mainMetric, usualAxes } from "./fields";
import { groupsOf, looksOf } from "./looks";
import { interpolated, meanOf, type OverlayLine } from "./overlay-lines";
import { axesOf, axisX, brushBetween, endsOf, isWithin, nearestRun, pixelY } from "./parallel";
import { commonest, csvOfRows, differenceOf, rowsOf, shownRows } from "./rows";
import { canBeLog, linearSplits, scaleOf } from "./scale";
import { targetText } from "./ImportanceTab";
import { mixed } from "./tint";
import { brushesOf, brushText, chosenOf, listOf, listText, windowOf } from "./view";
import { windowBetween } from "./zoom";

const MISSING = Number.NaN;

/** Three runs: two share an optimizer, one has no layers, one loss is NaN. */
function aComparison(): RunComparison {
  const run = (id: string) => ({
    id,
    user_id: "u",
    name: `run ${id}`,
    project: "p",
    status: "completed" as const,
    group: "",
    tags: [],
    started_ms: 0,
    is_final: true,
  });
  return {
    runs: [run("a"), run("b"), run("c")],
    missing: [],
    total: 3,
    n_keys: 4,
    keys: [
      { space: "config", key: "lr", differs: true, values: [0.1, 0.01, 0.001] },
      { space: "config", key: "opt", differs: true, values: ["adam", "sgd", "adam"] },
      { space: "config", key: "layers", differs: true, values: [null, 2, 4] },
      { space: "config", key: "epochs", differs: false, values: [3, 3, 3] },
    ],
    metrics: [
      {
        name: "loss",
        value: [0.5, "NaN", 0.25],
        lowest: [0.4, 0.3, 0.2],
        highest: [1, 1, 1],
        last_step: [9, 9, 9],
      },
    ],
  };
}

function aLine(x: number[], y: number[]): OverlayLine {
  const columns = { x: Float64Array.from(x), y: Float64Array.from(y) };
  return { label: "run", run: "r", color: 0, dash: 0, ...columns };
}

describe("the address", () => {
  test("names runs one by one, each once, at most a hundred, or by a filter", () => {
    expect(chosenOf("a,b, a,,c")).toEqual({ ids: ["a", "b", "c"] });
    expect(chosenOf(Array.from({ length: 120 }, (_, i) => i).join(","))).toMatchObject({
      ids: { length: 100 },
    });
    expect(chosenOf("filter:config.lr > 0.1")).toEqual({ filter: "config.lr > 0.1" });
    expect(chosenOf("")).toEqual({ ids: [] });
  });

  test("keys with commas and odd signs come back as they went in", () => {
    const keys = ["config:a,b", "metric:val/loss", "tags:größe 🙂", "x~y"];

    expect(listOf(listText(keys))).toEqual(keys);
    expect(brushesOf(brushText({ "config:a,b": [0.001, 12] }))).toEqual({
      "config:a,b": [0.001, 12],
    });
  });

  test("a broken brush or a cut address is left out, the rest stays", () => {
    expect(brushesOf("lr:1:2,loss:x:3,:1:2,acc:1")).toEqual({ lr: [1, 2] });
    expect(listOf("a,%E0%A4%A")).toEqual(["a", "%E0%A4%A"]);
  });
});

describe("fields", () => {
  test("a metric's NaN has no place, a text makes a field of words", () => {
    const fields = fieldsOf(aComparison());

    expect(fieldNamed(fields, "metric:loss")?.values).toEqual([0.5, null, 0.25]);
    expect(fieldNamed(fields, "config:opt")).toMatchObject({ isNumber: false, differs: true });
    expect(mainMetric(fields)?.id).toBe("metric:loss");
    expect(usualAxes(fields).map((one) => one.id)).toEqual([
      "config:lr",
      "config:opt",
      "config:layers",
      "metric:loss",
    ]);
  });

  test("an importance target is written as filters name metrics", () => {
    expect(targetText("metric:val/loss")).toBe('metrics."val/loss"');
    expect(targetText("lowest:a:b")).toBe('metrics."a:b".min');
    expect(targetText("")).toBe("");
  });
});

describe("scales", () => {
  const [lr, opt, layers] = fieldsOf(aComparison());
  if (!lr || !opt || !layers) throw new Error("the comparison has three fields");

  test("a log scale sets powers of ten at even distances", () => {
    const scale = scaleOf(lr, true);

    expect([0.001, 0.01, 0.1].map(scale.place)).toEqual([0, expect.closeTo(0.5), 1]);
    expect(scale.numberAt(0.5)).toBeCloseTo(0.01);
    expect(scale.place(null)).toBeNull();
    expect(scale.place(-1)).toBeNull();
  });

  test("words stand in order, evenly, and have no log scale", () => {
    const scale = scaleOf(opt, true);

    expect(["adam", "sgd", "other"].map(scale.place)).toEqual([0, 1, null]);
    expect(scale.textOf(1)).toBe("sgd");
    expect(canBeLog(opt)).toBe(false);
    expect(canBeLog(lr)).toBe(true);
  });

  test("one value alone stands in the middle", () => {
    const one = { ...lr, values: [5, 5] };

    expect(scaleOf(one, false).place(5)).toBeCloseTo(0.5);
    expect(scaleOf({ ...opt, values: ["x"] }, false).place("x")).toBe(0.5);
  });

  test("lines of an axis are round numbers within it", () => {
    expect(linearSplits(0, 10)).toEqual([0, 2, 4, 6, 8, 10]);
    expect(linearSplits(-0.3, 0.3)).toEqual([-0.3, -0.2, -0.1, 0, 0.1, 0.2, 0.3]);
  });

  test("the ramp goes from the one colour to the other", () => {
    expect(mixed("#000000", "#ff8000", 0.5)).toBe("rgb(128 64 0)");
  });
});

describe("groups", () => {
  test("runs of one value share a colour and stand together", () => {
    const comparison = aComparison();
    const by = fieldNamed(fieldsOf(comparison), "config:opt");
    const looks = looksOf(comparison, by);

    expect(looks.map((look) => look.color)).toEqual([0, 1, 0]);
    expect(by && groupsOf(looks, by).map((g) => [g.label, g.members.length])).toEqual([
      ["adam", 2],
      ["sgd", 1],
    ]);
  });

  test("numbers are in their order, and runs without a value are a group", () => {
    const comparison = aComparison();
    const by = fieldNamed(fieldsOf(comparison), "config:layers");

    expect(
      by &&
        groupsOf(looksOf(comparison, by), by)
          .map((g) => g.label)
          .toSorted(),
    ).toEqual(["(none)", "2", "4"]);
  });

  test("the eleventh run has the first colour with another dash", () => {
    const comparison = aComparison();
    const [run] = comparison.runs;
    comparison.runs = Array.from({ length: 11 }, () => run as NonNullable<typeof run>);

    expect(looksOf(comparison, undefined)[10]).toMatchObject({ color: 0, dash: 1 });
  });
});

describe("means", () => {
  test("a run counts between its points, not beyond its last", () => {
    const grid = Float64Array.of(0, 1, 2, 3, 4);

    expect([...interpolated(aLine([1, 3], [10, 20]), grid)]).toEqual([
      MISSING,
      10,
      15,
      20,
      MISSING,
    ]);
  });

  test("mean and spread are of the runs that are there at that step", () => {
    const lines = [aLine([0, 2], [1, 3]), aLine([0, 1, 2], [3, 3, 3]), aLine([0], [5])];

    const mean = meanOf(lines, "range");

    expect([...mean.x]).toEqual([0, 1, 2]);
    expect([...mean.y]).toEqual([3, 2.5, 3]);
    expect([...mean.low]).toEqual([1, 2, 3]);
    expect([...mean.high]).toEqual([5, 3, 3]);
    expect(meanOf(lines, "std").high[0]).toBeCloseTo(5);
  });

  test("a NaN takes its run out there and nowhere else", () => {
    const mean = meanOf([aLine([0, 1], [MISSING, 4]), aLine([0, 1], [2, 2])], "std");

    expect([...mean.y]).toEqual([2, 3]);
  });
});

describe("the table", () => {
  test("only what differs is shown, until all is asked for", () => {
    const rows = rowsOf(aComparison());

    expect(shownRows(rows, false, "").map((row) => row.key)).toEqual([
      "lr",
      "opt",
      "layers",
      "loss",
    ]);
    expect(shownRows(rows, true, "EP").map((row) => row.key)).toEqual(["epochs"]);
  });

  test("a difference tells its size and its share of the baseline", () => {
    expect(differenceOf(0.3, 0.25).text).toBe("+0.05 (+20%)");
    expect(differenceOf(1, 2).text).toBe("−1 (−50%)");
    expect(differenceOf(5, 0).text).toBe("+5");
    expect(differenceOf("adam", "sgd")).toEqual({ isOther: true, text: "" });
    expect(differenceOf(null, null).isOther).toBe(false);
  });

  test("what most runs have is the measure; where each has its own there is none", () => {
    expect(commonest(["a", "b", "b"])).toBe("b");
    expect(commonest([1, 2, 3])).toBeUndefined();
  });

  test("CSV has a column for each run, and no text that a spreadsheet runs", () => {
    const rows = [
      { id: "x", section: "Config", key: "cmd", differs: true, values: ["=1+1", "a,b", null] },
      { id: "y", section: "Config", key: "lr", differs: true, values: [-0.5, "-3", true] },
    ];

    expect(csvOfRows(rows, ["one", "two", "three"])).toBe(
      'section,key,one,two,three\r\nConfig,cmd,\'=1+1,"a,b",\r\nConfig,lr,-0.5,-3,true\r\n',
    );
  });
});

describe("parallel axes", () => {
  const comparison = aComparison();
  const fields = fieldsOf(comparison);
  const looks = looksOf(comparison, undefined);
  const axes = axesOf(
    fields.filter((one) => ["config:lr", "config:opt"].includes(one.id)),
    ["config:lr"],
  );
  const [lr, opt] = axes;
  if (!lr || !opt) throw new Error("there are two axes");
  const within = (brushes: Record<string, readonly [number, number]>): string[] =>
    looks.filter((look) => isWithin(look, axes, brushes)).map((look) => look.run.id);

  test("runs lie within a brush by their values, words by their places", () => {
    expect(within({})).toEqual(["a", "b", "c"]);
    expect(within({ "config:lr": [0.005, 0.5] })).toEqual(["a", "b"]);
    expect(within({ "config:opt": [-0.1, 0.4] })).toEqual(["a", "c"]);
    expect(within({ "config:lr": [0.005, 0.5], "config:opt": [0.5, 1] })).toEqual(["b"]);
  });

  test("a brush over all of an axis is none, and its ends come back where they were", () => {
    expect(brushBetween(lr.scale, -1, 2)).toBeNull();
    const brush = brushBetween(lr.scale, 0.75, 0.25);

    expect(brush && endsOf(lr, { "config:lr": brush })).toEqual([
      expect.closeTo(0.25, 3),
      expect.closeTo(0.75, 3),
    ]);
    expect(endsOf(opt, {})).toEqual([0, 1]);
  });

  test("the pointer finds the nearest line between two axes, and none far off", () => {
    const size = { width: 400, height: 300 };
    const at = (x: number, place: number) => ({ x, y: pixelY(place, 300) });

    expect(nearestRun(looks, axes, size, at(axisX(0, 2, 400), 1), 10)).toBe("a");
    expect(nearestRun(looks, axes, size, at(200, 0.75), 10)).toBe("b");
    expect(nearestRun(looks, axes, size, at(200, 0.98), 10)).toBeNull();
  });
});

describe("a stretch that the charts show", () => {
  const steps = Float64Array.from([0, 1, 2, 3]);
  const slow = { steps, x: Float64Array.from([0, 10, 20, 30]) };
  const quick = { steps, x: Float64Array.from([0, 5, 10, 15]) };

  test("times are asked for as they are: of the clock, or since each run's start", () => {
    expect(windowBetween("wall", [slow], 4.5, 12)).toEqual({
      kind: "wall",
      first: 4500,
      last: 12_000,
    });
    expect(windowBetween("relative", [slow], 4.5, 12)?.kind).toBe("since");
  });

  test("on other axes it is every step that one of the runs has there", () => {
    expect(windowBetween("epoch", [slow, quick], 9, 21)).toEqual({
      kind: "steps",
      first: 1,
      last: 3,
    });
    expect(windowBetween("epoch", [slow], 40, 50)).toBeNull();
  });

  test("the address says it in one of three ways, and nonsense is everything", () => {
    const of = (address: Record<string, string>) => windowOf((kind) => address[kind] ?? "");

    expect(of({ since: "500-3000" })).toEqual({ kind: "since", first: 500, last: 3000 });
    expect(of({ steps: "-5-10" })).toEqual({ kind: "steps", first: -5, last: 10 });
    expect(of({ wall: "9-3" })).toBeNull();
    expect(of({ steps: "all" })).toBeNull();
  });
});
