import { expect, test } from "vitest";
import type { ModelVersion } from "~/api/types";
import { metricText, overVersions, shapeText } from "./metrics";

const version = (number: number, metrics: Record<string, number>): ModelVersion =>
  ({ version: number, metrics }) as unknown as ModelVersion;

test("metrics go from the oldest version to the newest, each by its name", () => {
  const newestFirst = [
    version(4, { loss: 0.1, acc: 0.9 }),
    version(2, { acc: 0.8 }),
    version(1, {}),
  ];

  expect(overVersions(newestFirst)).toEqual([
    {
      name: "acc",
      points: [
        { version: 2, value: 0.8 },
        { version: 4, value: 0.9 },
      ],
    },
    { name: "loss", points: [{ version: 4, value: 0.1 }] },
  ]);
});

test("a figure is as long as it needs to be", () => {
  expect(metricText(0.972_222)).toBe("0.9722");
  expect(metricText(12_345.6)).toBe("12,345.6");
  expect(metricText(1.2e-7)).toBe("1.20e-7");
  expect(metricText(0)).toBe("0");
});

test("a shape names its batch", () => {
  expect(shapeText("float32", [-1, 64])).toBe("float32 [batch, 64]");
  expect(shapeText("int64", [-1, -1, 3])).toBe("int64 [batch, any, 3]");
});
