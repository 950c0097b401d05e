import { createRoot } from "solid-js";
import { describe, expect, test } from "vitest";
import type { Run } from "~/api/types";
import { metricColumns } from "./columns";
import { createSelection, type Selection } from "./selection";

describe("metricColumns", () => {
  test("the usual metrics come first, what every run has before the rest", () => {
    const runs: Pick<Run, "summary">[] = [
      { summary: { epoch: 1, lr: 0.1, "system/cpu": 0.5, accuracy: 0.9, loss: 0.1, rare: 1 } },
      { summary: { accuracy: 0.8, loss: 0.2, "grad/norm": 3 } },
      { summary: { accuracy: 0.8, loss: 0.2, "grad/norm": 3 } },
    ];

    expect(metricColumns(runs)).toEqual(["loss", "accuracy", "grad/norm"]);
  });

  test("runs without points have no columns", () => {
    expect(metricColumns([{ summary: {} }])).toEqual([]);
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
