import { describe, expect, test } from "vitest";
import { bandsOf, stretches } from "./band";
import { brokenNotes, brokenPoints, marksOf } from "./broken";
import { decimate } from "./decimate";
import { clipNotes, clipOf, notesOf } from "./range";
import type { ChartSeries } from "./series";

const { NaN: NAN, POSITIVE_INFINITY: HIGH, NEGATIVE_INFINITY: LOW } = Number;
const LOOK = { buckets: 2, isLog: false, isLogX: false };

function aLine(y: number[], more: Partial<ChartSeries> = {}): ChartSeries {
  return { label: "loss", x: y.map((_, i) => i), y, color: 0, ...more };
}

function onlyBand(line: ChartSeries, look = LOOK): Record<string, number[]> {
  const band = bandsOf([line], look).get(line);
  return Object.fromEntries(Object.entries(band ?? {}).map(([key, all]) => [key, [...all]]));
}

describe("a band", () => {
  test("spans the lowest and highest value of each bucket, and goes through its middle", () => {
    expect(onlyBand(aLine([3, 1, 9, 2, 5, 4], { isThinned: true }))).toEqual({
      x: [1, 4],
      low: [1, 2],
      high: [9, 5],
      middle: [3, 4],
    });
  });

  test("loses no extreme of what was logged, in any noise", () => {
    const y = Array.from({ length: 20_000 }, (_, i) => Math.sin(i * i));
    const kept = [
      ...decimate(
        y.map((_, i) => i),
        y,
        400,
      ),
    ];
    const line = aLine([], { x: kept, y: kept.map((i) => y[i] ?? NAN), isThinned: true });

    const band = onlyBand(line, { ...LOOK, buckets: 100 });

    for (let bucket = 0; bucket < 100; bucket += 1) {
      const all = y.filter((_, i) => Math.min(99, Math.floor((i / 19_999) * 100)) === bucket);
      expect([band["low"]?.[bucket], band["high"]?.[bucket]]).toEqual([
        Math.min(...all),
        Math.max(...all),
      ]);
    }
  });

  test("is made of thinned lines only, on the buckets that all lines share", () => {
    const thinned = aLine([1, 2], { isThinned: true });
    const exact = aLine([1, 2, 3, 4, 5, 6, 7, 8]);

    const bands = bandsOf([thinned, exact], LOOK);

    expect([...bands.keys()]).toEqual([thinned]);
    expect([...(bands.get(thinned)?.x ?? [])]).toEqual([0.5]);
  });

  test("breaks where a bucket has nothing to draw, as zero on a log scale", () => {
    const line = aLine([1, 2, NAN, HIGH, 0, -1, 4, 5], { isThinned: true });

    const band = bandsOf([line], { buckets: 4, isLog: true, isLogX: false }).get(line);

    expect([...(band?.low ?? [])]).toEqual([1, NAN, NAN, 4]);
    expect(band && stretches(band)).toEqual([
      [0, 1],
      [3, 4],
    ]);
  });

  test("has buckets as wide as they are seen on a log x", () => {
    const line = aLine([1, 2, 3, 4], { x: [1, 9, 11, 100], isThinned: true });

    expect(onlyBand(line, { ...LOOK, isLogX: true })["high"]).toEqual([2, 4]);
    expect(onlyBand(line)["high"]).toEqual([3, 4]);
  });
});

describe("what cannot be drawn", () => {
  test("NaN, +infinity and −infinity are told apart, in marks and in words", () => {
    const line = aLine([1, NAN, HIGH, LOW, LOW]);

    expect(brokenPoints([line, { ...line, isFaint: true }])).toEqual([
      { x: 1, color: 0, kind: "nan" },
      { x: 2, color: 0, kind: "high" },
      { x: 3, color: 0, kind: "low" },
      { x: 4, color: 0, kind: "low" },
    ]);
    expect(brokenNotes([line])).toEqual([
      "✕ 1 point is NaN",
      "▲ 1 point is +infinity",
      "▼ 2 points are −infinity",
    ]);
    expect(brokenNotes([{ ...line, isThinned: true }])[0]).toBe("✕ at least 1 point is NaN");
    expect(brokenNotes([aLine([1, 2])])).toEqual([]);
  });

  test("thinning keeps one of each kind beside the highest value that can be drawn", () => {
    const y = Array.from({ length: 100 }, (_, i) => i);
    y.splice(10, 3, NAN, HIGH, LOW);
    y[50] = 1_000;

    const kept = [
      ...decimate(
        y.map((_, i) => i),
        y,
        1,
      ),
    ].map((i) => y[i]);

    expect(kept).toEqual([0, NAN, HIGH, LOW, 1_000, 99]);
  });

  test("marks that would lie upon each other are one, but not those of another kind", () => {
    const points = brokenPoints([aLine([NAN, NAN, HIGH, NAN])]);

    expect(marksOf(points, (x) => x * 3, 5).map(({ at, kind }) => [at, kind])).toEqual([
      [0, "nan"],
      [6, "high"],
      [9, "nan"],
    ]);
  });
});

describe("outliers", () => {
  const steady = Array.from({ length: 500 }, (_, i) => 10 + (i % 10) / 10);

  test("what is left out is counted, above and below", () => {
    const clip = clipOf([aLine([...steady, 1_000, 2_000, -5])], false);

    expect(clip).toMatchObject({ above: 2, below: 1 });
    expect(clip && clipNotes(clip, "")).toEqual([
      "2 points above 10.972 not drawn",
      "1 point below 9.928 not drawn",
    ]);
    expect(clip && clipNotes(clip, "at least ")[1]).toBe("at least 1 point below 9.928 not drawn");
  });

  test("on a log scale the distance is that of the logarithms, and zero takes no part", () => {
    const clip = clipOf([aLine([...steady, 1_000, 0, -5, 1e-6])], true);

    expect(clip).toMatchObject({ above: 1, below: 1 });
    expect(clip?.range[0]).toBeGreaterThan(8);
    expect(clip?.range[1]).toBeLessThan(13);
  });

  test("of a smoothed line the logged points are counted, the range is the average's", () => {
    const average = aLine(steady);
    const raw = aLine([...steady, 99], { isFaint: true });

    expect(clipOf([raw, average], false)).toMatchObject({ above: 1, below: 0 });
  });

  test("on a log scale what lies at zero or below is counted, clipped or not", () => {
    const lines = [aLine([1, 0, -2, NAN, LOW])];

    expect(notesOf(lines, true, true)).toEqual([
      "✕ 1 point is NaN",
      "▼ 1 point is −infinity",
      "2 points at 0 or below not drawn",
    ]);
    expect(notesOf(lines, false, false)).toHaveLength(2);
  });

  test("too few values to say what is far, or none outside, leave no note", () => {
    expect(clipOf([aLine([1, 2, 1_000])], false)).toBeNull();
    const clip = clipOf([aLine(steady)], false);
    expect(clip && clipNotes(clip, "")).toEqual([]);
  });
});
