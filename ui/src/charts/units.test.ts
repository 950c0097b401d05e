import { expect, test } from "vitest";
import type { ChartSeries } from "./series";
import { unitOf, unitSteps, unitText, unitTick } from "./units";

const SHARE = { name: "%", per: 0.01 };
const GIB = { name: "GiB", per: 1024 };

function aLine(more: Partial<ChartSeries>): ChartSeries {
  return { label: "cpu", x: [0], y: [0.5], color: 0, ...more };
}

test("values are written in their unit; what is no number has none", () => {
  expect([0.4321, 1, 0].map((value) => unitText(value, SHARE))).toEqual(["43.21%", "100%", "0%"]);
  expect(unitText(9_216, GIB)).toBe("9 GiB");
  expect(unitText(3)).toBe("3");
  expect([null, Number.NaN].map((value) => unitText(value, GIB))).toEqual(["–", "NaN"]);
  expect([unitTick(0.35, SHARE), unitTick(1_536, GIB)]).toEqual(["35%", "1.5"]);
});

test("an axis has its lines at round values of the unit", () => {
  const steps = unitSteps(GIB) ?? [];

  expect(steps).toEqual(expect.arrayContaining([512, 1024, 2048, 2560, 5120]));
  expect(steps).not.toContain(1000);
  expect(unitSteps({ name: "W", per: 1 })).toBeUndefined();
});

test("a chart has a unit where all its lines have the same", () => {
  expect(unitOf([aLine({ unit: GIB }), aLine({ unit: { ...GIB } })])).toEqual(GIB);
  expect(unitOf([aLine({ unit: GIB }), aLine({})]).name).toBe("");
  expect(unitOf([]).per).toBe(1);
});
