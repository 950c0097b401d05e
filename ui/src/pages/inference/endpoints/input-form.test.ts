import { expect, test } from "vitest";
import type { Signature } from "~/api/types";
import { formOf, valueOf, withValue } from "./input-form";
import { exampleInputs } from "~/api/predicting";

const takes = (...inputs: Signature["inputs"]): Signature => ({ inputs, outputs: [] });
const iris = { name: "features", dtype: "float32" as const, shape: [-1, 4] };

test("a row of four numbers is four fields, each at its place", () => {
  const fields = formOf(takes(iris)) ?? [];

  expect(fields.map((field) => field.label)).toEqual([
    "features 1",
    "features 2",
    "features 3",
    "features 4",
  ]);
  expect(fields.map((field) => field.path)).toEqual([
    [0, 0],
    [0, 1],
    [0, 2],
    [0, 3],
  ]);
});

test("inputs of several kinds are filled in by name", () => {
  const signature = takes(
    { name: "city", dtype: "string", shape: [-1] },
    { name: "rooms", dtype: "int64", shape: [-1, 1] },
    { name: "new", dtype: "bool", shape: [-1] },
    { name: "map", dtype: "float32", shape: [-1, 2, 2] },
  );
  const fields = formOf(signature) ?? [];
  let inputs = exampleInputs(signature);
  for (const [label, value] of [
    ["city", "Bonn"],
    ["rooms", 3],
    ["map 2, 1", 7],
  ] as const) {
    const field = fields.find((one) => one.label === label);
    if (field) inputs = withValue(inputs, field, value);
  }

  expect(fields.map((field) => field.kind)).toEqual([
    "text",
    "number",
    "flag",
    ...Array.from({ length: 4 }, () => "number"),
  ]);
  expect(inputs).toEqual({
    city: ["Bonn"],
    rooms: [[3]],
    new: [false],
    map: [
      [
        [0, 0],
        [7, 0],
      ],
    ],
  });
});

test("what is too much, or of open size, is no form", () => {
  expect(formOf(takes({ ...iris, shape: [-1, 65] }))).toBeNull();
  expect(formOf(takes({ ...iris, shape: [-1, -1] }))).toBeNull();
  expect(
    formOf(takes({ ...iris, shape: [-1, 40] }, { ...iris, name: "b", shape: [-1, 40] })),
  ).toBeNull();
});

test("inputs of another form have no value for a field", () => {
  const [first] = formOf(takes(iris)) ?? [];

  expect(first && valueOf([[1, 2, 3, 4]], first)).toBe(1);
  expect(first && valueOf({ other: 1 }, first)).toBeUndefined();
  expect(first && valueOf(7, first)).toBeUndefined();
});
