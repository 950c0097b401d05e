import { describe, expect, test } from "vitest";
import { brokenPoints } from "./broken";
import { rowsOf } from "./DataTable";
import { decimate } from "./decimate";
import { csvOf } from "./export";
import { clockTick, elapsedText, tickText, valueText } from "./format";
import { Points } from "./points";
import { clipOf, logRange, logSplits, TIME_STEPS } from "./range";
import { alignedOf, type ChartSeries, lastOf, loneOf, valueAt } from "./series";
import { smooth } from "./smooth";

const MISSING = Number.NaN;

function aLine(y: number[], more: Partial<ChartSeries> = {}): ChartSeries {
  return { label: "loss", x: y.map((_, i) => i), y, color: 0, ...more };
}

/** A repeatable row of numbers in [0, 1). */
function noise(n: number, seed: number): number[] {
  let state = seed;
  return Array.from({ length: n }, () => {
    state = (state * 1_103_515_245 + 12_345) % 2_147_483_648;
    return state / 2_147_483_648;
  });
}

describe("decimate", () => {
  test("few points are all kept", () => {
    expect([...decimate([1, 2, 3], [5, 6, 7], 1)]).toEqual([0, 1, 2]);
  });

  test("no extreme of any pixel is lost, in any noise", () => {
    for (const seed of [1, 2, 3, 4, 5]) {
      const y = noise(5_000, seed);
      const pixels = 37;

      const kept = decimate(
        y.map((_, i) => i),
        y,
        pixels,
      );

      const column = (i: number): number => Math.min(pixels - 1, Math.floor((i / 4_999) * pixels));
      for (let pixel = 0; pixel < pixels; pixel += 1) {
        const all = y.filter((_, i) => column(i) === pixel);
        const shown = [...kept].filter((i) => column(i) === pixel).map((i) => y[i] ?? MISSING);
        expect(Math.min(...shown)).toBe(Math.min(...all));
        expect(Math.max(...shown)).toBe(Math.max(...all));
      }
      expect(kept.length).toBeLessThanOrEqual(5 * pixels);
      expect([...kept]).toEqual([...kept].toSorted((a, b) => a - b));
    }
  });

  test("a NaN among many points stays visible", () => {
    const y = noise(1_000, 9);
    y[500] = MISSING;

    const kept = decimate(
      y.map((_, i) => i),
      y,
      10,
    );

    expect([...kept]).toContain(500);
  });

  test("points at one x do not break it", () => {
    const kept = decimate(Array(100).fill(3), noise(100, 2), 5);

    expect(kept[0]).toBe(0);
    expect(kept.at(-1)).toBe(99);
  });
});

describe("smooth", () => {
  test("weight 0 changes nothing", () => {
    expect([...smooth([0, 1, 2], [3, 1, 2], 0, 2)]).toEqual([3, 1, 2]);
  });

  test("a constant stays what it is, from the first point on", () => {
    expect([...smooth([0, 1, 2, 3], [7, 7, 7, 7], 0.9, 3)]).toEqual([7, 7, 7, 7]);
  });

  test("noise around a level is drawn towards it", () => {
    const y = noise(2_000, 4);
    const x = y.map((_, i) => i);

    const tail = smooth(x, y, 0.95, 2_000).slice(1_000);

    expect(Math.max(...tail) - Math.min(...tail)).toBeLessThan(0.45);
  });

  test("ten points over the whole chart are hardly moved", () => {
    const y = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10];

    const smoothed = smooth(
      y.map((v) => v * 100),
      y,
      0.6,
      1_000,
    );

    for (const [i, value] of smoothed.entries()) expect(value).toBeCloseTo(y[i] ?? 0, 2);
  });

  test("NaN stays NaN and does not spread", () => {
    const smoothed = smooth([0, 1, 2, 3], [1, MISSING, 1, 1], 0.9, 3);

    expect([...smoothed]).toEqual([1, MISSING, 1, 1]);
  });
});

describe("Points", () => {
  const from = (...rows: [number, number, number][]): Points => {
    const points = Points.empty();
    for (const [step, value, wall] of rows) points.append(step, value, wall);
    return points;
  };

  test("a point that came by history and by stream is there once", () => {
    const points = new Points(
      Float64Array.of(1, 2),
      Float64Array.of(0.9, 0.8),
      Float64Array.of(10, 20),
    );

    expect(points.append(2, 0.8, 20)).toBe(false);
    expect(points.append(3, 0.7, 30)).toBe(true);

    expect([...points.steps()]).toEqual([1, 2, 3]);
  });

  test("a step that was logged twice is kept twice, a late one in its place", () => {
    const points = from([1, 0.9, 10], [3, 0.7, 30], [3, 0.6, 31], [2, 0.8, 40]);

    expect([...points.steps()]).toEqual([1, 2, 3, 3]);
    expect([...points.values()]).toEqual([0.9, 0.8, 0.7, 0.6]);
  });

  test("a long tail is thinned and keeps its extremes", () => {
    const points = Points.empty();
    for (const [i, value] of noise(10_000, 3).entries()) points.append(i, value, i);
    points.append(10_000, 50, 10_000);
    points.append(10_001, 0, 10_001);

    points.thin(100);

    expect(points.n).toBeLessThanOrEqual(1_000);
    expect(Math.max(...points.values())).toBe(50);
    expect(points.steps().at(-1)).toBe(10_001);
  });
});

describe("series", () => {
  test("lines with other steps share one x; what a line lacks is not a gap", () => {
    const train = aLine([1, 2, 3]);
    const val = aLine([9], { label: "val", x: [1] });

    expect(alignedOf([train, val], false)).toEqual([
      [0, 1, 2],
      [1, 2, 3],
      [undefined, 9, undefined],
    ]);
  });

  test("lines keep their order, whichever of them share an x", () => {
    const raw = aLine([1, 2, 3]);
    const val = aLine([9], { x: [1] });
    const average = aLine([1, 1.5, 2]);

    expect(alignedOf([raw, val, average], false)).toEqual([
      [0, 1, 2],
      [1, 2, 3],
      [undefined, 9, undefined],
      [1, 1.5, 2],
    ]);
    expect(alignedOf([raw, average], false)).toEqual([
      [0, 1, 2],
      [1, 2, 3],
      [1, 1.5, 2],
    ]);
  });

  test("what cannot be drawn is a gap: NaN, infinities, and zero on a log scale", () => {
    const line = aLine([1, MISSING, 0, Number.POSITIVE_INFINITY]);

    expect(alignedOf([line], false)[1]).toEqual([1, null, 0, null]);
    expect(alignedOf([line], true)[1]).toEqual([1, null, null, null]);
  });

  test("the value under the cursor is that of the nearest point", () => {
    const line = aLine([5, 6, 7], { x: [0, 10, 20] });

    expect([valueAt(line, -3), valueAt(line, 4), valueAt(line, 6), valueAt(line, 99)]).toEqual([
      5, 5, 6, 7,
    ]);
    expect(lastOf(line)).toBe(7);
    expect(lastOf(aLine([]))).toBeNull();
    expect(valueAt(aLine([]), 3)).toBeNull();
  });
});

describe("range", () => {
  test("log lines stand at 1, 2, 5, and evenly within a decade", () => {
    expect(logSplits(0.09, 12)).toEqual([0.1, 0.2, 0.5, 1, 2, 5, 10]);
    expect(logSplits(1.87, 2.8)).toEqual([2, 2.2, 2.4, 2.6, 2.8]);
    expect(logSplits(1e-8, 1)).toEqual([1e-8, 1e-6, 1e-4, 1e-2, 1]);
  });

  test("a log range hugs its values", () => {
    const [low, high] = logRange(0.1, 10);

    expect(low).toBeGreaterThan(0.08);
    expect(high).toBeLessThan(12);
  });

  test("one spike among many values does not make the range", () => {
    const clip = clipOf([aLine([...noise(500, 5), 1_000])], false);

    expect(clip?.range[1]).toBeLessThan(2);
  });
});

describe("export and table", () => {
  test("CSV has a row for each x, empty cells, quoted names, and runs no formula", () => {
    const lines = [
      aLine([1, MISSING], { label: "=HYPERLINK(1)" }),
      aLine([4], { label: 'a,"b"', x: [1] }),
      aLine([0, 0], { isFaint: true }),
    ];

    expect(csvOf("step", lines)).toBe(`step,'=HYPERLINK(1),"a,""b"""\r\n0,1,\r\n1,NaN,4\r\n`);
  });

  test("the table begins with the newest point", () => {
    expect(rowsOf([aLine([5, 6]), aLine([9], { x: [1] })])).toEqual([
      { x: 1, values: [6, 9] },
      { x: 0, values: [5, undefined] },
    ]);
  });
});

describe("text", () => {
  test("values are short and say what they are", () => {
    expect(
      [0, 0.123456789, 12_345.67, 1.5e-7, 2e9, MISSING, null, -Infinity].map(valueText),
    ).toEqual(["0", "0.12346", "12,345.7", "1.50e-7", "2.00e9", "NaN", "–", "−infinity"]);
    expect([0, 0.002, 250, 12_000, 1.5e6, 2e-4].map(tickText)).toEqual([
      "0",
      "0.002",
      "250",
      "12k",
      "1.5M",
      "2e-4",
    ]);
    expect([5, 200, 3_725].map(elapsedText)).toEqual(["5s", "3:20", "1:02:05"]);
  });

  test("ticks of a clock say what tells them apart: seconds, minutes or days", () => {
    const at = Date.UTC(2026, 5, 15, 12, 34, 56) / 1000;

    expect(clockTick(at, 15)).toMatch(/34.56/);
    expect(clockTick(at, 600)).toMatch(/34/);
    expect(clockTick(at, 600)).not.toMatch(/56/);
    expect(clockTick(at, 86_400)).toMatch(/15/);
    expect(clockTick(at, 86_400)).not.toMatch(/34/);
    expect(TIME_STEPS).not.toContain(1000);
  });
});

test("a point between two pauses is a dot, and a pause is no broken value", () => {
  const paused = {
    label: "p50",
    x: [1, 2, 3, 4, 5, 6],
    y: [7, Number.NaN, 8, Number.NaN, 9, 9],
    color: 0,
    hasGaps: true,
  };
  const [, column = []] = alignedOf([paused], false);

  expect(loneOf(column)).toEqual([0, 2]);
  expect(brokenPoints([paused])).toEqual([]);
});
