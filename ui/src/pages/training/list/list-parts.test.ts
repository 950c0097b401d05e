import { createRoot } from "solid-js";
import { describe, expect, test } from "vitest";
import { configValue, metricColumns, metricCounts, tagValue } from "./columns";
import { createSelection, type Selection } from "./selection";

describe("metricColumns", () => {
  test("the usual metrics come first, what every run has before the rest", () => {
    const counts = metricCounts([
      { summary: { epoch: 1, lr: 0.1, "system/cpu": 0.5, accuracy: 0.9, loss: 0.1, rare: 1 } },
      { summary: { accuracy: 0.8, loss: 0.2, "grad/norm": 3 } },
      { summary: { accuracy: 0.8, loss: 0.2, "grad/norm": 3 } },
    ]);

    expect(metricColumns(counts)).toEqual(["loss", "accuracy", "grad/norm"]);
  });

  test("runs without points have no columns", () => {
    expect(metricColumns(new Map())).toEqual([]);
  });
});

describe("values of columns", () => {
  test("a dot walks into what is nested, unless a key has it", () => {
    const config = { optim: { lr: 0.1 }, "optim.lr": 0.2, depth: 3 };

    expect(configValue(config, "optim.lr")).toBe(0.2);
    expect(configValue({ optim: { lr: 0.1 } }, "optim.lr")).toBe(0.1);
    expect(configValue(config, "depth.of")).toBeUndefined();
  });

  test("a tag with a key says its value", () => {
    expect(tagValue(["baseline", "team=vision"], "team")).toBe("vision");
    expect(tagValue(["team:speech"], "team")).toBe("speech");
    expect(tagValue(["teams=vision"], "team")).toBeUndefined();
  });
});

describe("selection", () => {
  const selectionOf = (...ids: string[]): Selection => createRoot(() => createSelection(() => ids));

  test("a second press takes it back", () => {
    const selection = selectionOf("a", "b");

    selection.toggle("a");
    selection.toggle("b");
    selection.toggle("a");

    expect([...selection.ids()]).toEqual(["b"]);
  });

  test("with Shift everything between the two presses is chosen, in either direction", () => {
    const selection = selectionOf("a", "b", "c", "d", "e");

    selection.toggle("d");
    selection.toggle("b", true);

    expect([...selection.ids()].toSorted()).toEqual(["b", "c", "d"]);
  });
});
