import { expect, test } from "vitest";
import type { ChartSeries } from "./series";
import { type SvgLook, svgOf } from "./svg";

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

function aLine(y: number[], more: Partial<ChartSeries> = {}): ChartSeries {
  return { label: "a & b", x: y.map((_, i) => i), y, color: 1, ...more };
}

function drawn(series: ChartSeries[], look: Partial<SvgLook> = {}): Document {
  const text = svgOf(series, { ...LOOK, ...look });
  expect(text).not.toMatch(/="[^"]*(NaN|Infinity)/);
  const svg = new DOMParser().parseFromString(text, "image/svg+xml");
  expect(svg.querySelector("parsererror")).toBeNull();
  return svg;
}

/** The corners of a path. */
function corners(path: Element | null): [x: number, y: number][] {
  const pairs = path?.getAttribute("d")?.match(/[\d.]+ [\d.]+/g) ?? [];
  return pairs.map((pair) => pair.split(" ").map(Number) as [number, number]);
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

test("a thinned line has a band in its colour under it, from the lowest to the highest value", () => {
  const y = Array.from({ length: 5_000 }, (_, i) => (i === 2_500 ? 100 : i % 7));
  const svg = drawn([aLine(y, { isThinned: true }), aLine([1, 2], { color: 2 })]);

  const bands = [...svg.querySelectorAll(".band")];
  expect(bands.map((one) => one.getAttribute("fill"))).toEqual(["#000001"]);
  const heights = corners(bands[0] ?? null).map(([, at]) => at);
  expect([Math.min(...heights), Math.max(...heights)]).toEqual([44, 396]);
  const [line] = svg.querySelectorAll("path[fill=none]");
  expect(line?.getAttribute("stroke")).toBe("#000001");
  expect(corners(line ?? null).length).toBe(corners(bands[0] ?? null).length / 2);
  expect(line && bands[0]?.compareDocumentPosition(line)).toBe(Node.DOCUMENT_POSITION_FOLLOWING);
  expect(drawn([aLine(y)]).querySelector(".band")).toBeNull();
});

test("NaN, +infinity and −infinity have marks of their own, at the edge where they belong", () => {
  const svg = drawn([aLine([1, NaN, Infinity, -Infinity, 2])]);

  const at = (kind: string): number[] => corners(svg.querySelector(`.${kind}`)).map(([, y]) => y);
  expect(svg.querySelectorAll(".broken")).toHaveLength(3);
  expect(at("high")).toEqual([52, 52, 44]);
  expect(at("low")).toEqual([388, 388, 396]);
  expect(svg.querySelector(".nan")?.getAttribute("fill")).toBe("none");
  expect(svg.querySelector(".note")?.textContent).toBe(
    "✕ 1 point is NaN · ▲ 1 point is +infinity · ▼ 1 point is −infinity",
  );
});

test("what a clip leaves out is not drawn and is said", () => {
  const line = aLine([...Array.from({ length: 200 }, (_, i) => 1 + (i % 10) / 10), 500]);

  for (const isLog of [false, true]) {
    const svg = drawn([line], { isClipped: true, isLog });

    expect(svg.querySelector(".note")?.textContent).toMatch(/^1 point above [\d.]+ not drawn$/);
    expect(svg.querySelector("g[clip-path]")?.querySelectorAll("path")).toHaveLength(1);
    expect(svg.querySelector("clipPath")?.id).toBe("plot");
  }
});

test("a log x has its lines where they are seen on the page", () => {
  const line = aLine([1, 2, 3], { x: [1, 10, 100] });

  const [, middle] = corners(drawn([line], { isLogX: true }).querySelector("path[fill=none]"));

  expect(middle?.[0]).toBe(504);
});
