import { describe, expect, test } from "vitest";
import { lanesInView, lanesOf, totalWidth } from "./geometry";
import { added, layoutOf, layoutText, movedTo, nudged, pinned, removed, resized } from "./layout";

const keys = (text: string): string[] => layoutOf(text).map((one) => one.key);

describe("a layout as text", () => {
  test("keeps order, widths, pins and the oddest names", () => {
    const columns = [
      { key: "name", width: 300, isPinned: true },
      { key: "metrics.a,b~c!%", width: undefined, isPinned: false },
      { key: "config.lr", width: 90, isPinned: false },
    ];

    expect(layoutOf(layoutText(columns))).toEqual(columns);
  });

  test("what is no column is left out, and the name is always there", () => {
    expect(keys("nonsense,status,,metrics.,status,status~99999")).toEqual(["name", "status"]);
    expect(layoutOf("status~1")[1]?.width).toBe(64);
  });
});

describe("columns", () => {
  const start = layoutOf("!name,status,project,metrics.loss");
  const order = (columns: { key: string }[]): string[] => columns.map((one) => one.key);

  test("dropped to the right one stands behind its target, to the left before it", () => {
    expect(order(movedTo(start, "status", "metrics.loss"))).toEqual([
      "name",
      "project",
      "metrics.loss",
      "status",
    ]);
    expect(order(movedTo(start, "metrics.loss", "status"))).toEqual([
      "name",
      "metrics.loss",
      "status",
      "project",
    ]);
  });

  test("beside a pinned one it is pinned; pinned ones stand first", () => {
    expect(movedTo(start, "project", "name")[0]).toMatchObject({ key: "project", isPinned: true });
    expect(order(pinned(start, "metrics.loss", true))).toEqual([
      "name",
      "metrics.loss",
      "status",
      "project",
    ]);
  });

  test("a nudge at the edge changes nothing, and the name cannot go", () => {
    expect(nudged(start, "metrics.loss", 1)).toEqual(start);
    expect(order(removed(start, "name"))).toEqual(order(start));
    expect(order(added(start, "tags")).at(-1)).toBe("tags");
    expect(resized(start, "status", 9999)[1]?.width).toBe(1200);
  });
});

describe("lanes", () => {
  test("fill the width there is, but a chosen width stays", () => {
    const lanes = lanesOf(layoutOf("!name,status~100,project"), 1000);

    expect(totalWidth(lanes)).toBeGreaterThan(995);
    expect(totalWidth(lanes)).toBeLessThanOrEqual(1000);
    expect(lanes[1]?.width).toBe(100);
  });

  test("on a phone only the name stays pinned, in front", () => {
    const lanes = lanesOf(layoutOf("!status,!name,!project"), 360);

    expect(lanes.map((lane) => [lane.column.key, lane.isPinned])).toEqual([
      ["name", true],
      ["status", false],
      ["project", false],
    ]);
    expect(lanes[0]?.left).toBe(40);
  });

  test("of many columns only those in view are drawn, each at its place", () => {
    const many = Array.from({ length: 100 }, (_, i) => `config.k${i}~100`).join(",");
    const lanes = lanesOf(layoutOf(`!name~200,${many}`), 1000);

    const shown = lanesInView(lanes, 5000, 1000);

    expect(shown.lanes.length).toBeLessThan(20);
    expect(shown.lanes[0]?.column.key).toBe("name");
    expect(shown.before).toBe((shown.lanes[1]?.left ?? 0) - 240);
    expect(shown.lanes.some((lane) => lane.left <= 5000 && lane.left + lane.width >= 5000)).toBe(
      true,
    );
  });
});
