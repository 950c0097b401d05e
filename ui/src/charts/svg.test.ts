import { expect, test } from "vitest";
import type { ChartSeries } from "./series";
import { svgOf } from "./svg";

const LOOK = {
  title: "loss <a>",
  xLabel: "Step",
  xText: String,
  isLog: false,
  color: (index: number) => `#00000${index}`,
  ink: "#111111",
  grid: "#eeeeee",
  background: "#ffffff",
};

function aLine(y: number[]): ChartSeries {
  return { label: "a & b", x: y.map((_, i) => i), y, color: 1 };
}

test("a picture of lines is well-formed, says its names and marks what is NaN", () => {
  const text = svgOf([aLine([1, 2, Number.NaN, 4])], LOOK);
  const svg = new DOMParser().parseFromString(text, "image/svg+xml");

  expect(svg.querySelector("parsererror")).toBeNull();
  expect(svg.querySelector("title")?.textContent).toBe("loss <a>");
  expect(text).toContain("a &amp; b");
  expect(svg.querySelectorAll(".broken")).toHaveLength(1);
  // The line begins anew after the gap.
  expect(svg.querySelector("path[fill=none]")?.getAttribute("d")?.match(/M/g)).toHaveLength(2);
});

test("a log scale leaves out what it cannot show, and no line at all is no failure", () => {
  expect(svgOf([aLine([0, 1, 10])], { ...LOOK, isLog: true })).not.toMatch(/NaN|Infinity/);
  expect(svgOf([], LOOK)).not.toMatch(/NaN|Infinity/);
});
