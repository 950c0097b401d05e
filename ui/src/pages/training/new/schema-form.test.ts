import { expect, test } from "vitest";
import {
  boundsText,
  entriesOf,
  fieldsOf,
  isShown,
  type NumberField,
  nudged,
  readAll,
} from "./schema-form";

const SCHEMA = {
  type: "object",
  properties: {
    model: { enum: ["svm", "ridge"], default: "svm", description: "What is fitted" },
    c: {
      type: "number",
      minimum: 1e-4,
      maximum: 1e4,
      default: 1.0,
      "x-scale": "log",
      "x-when": { model: ["svm"] },
    },
    max_depth: { type: "integer", minimum: 0, maximum: 64, default: 3 },
    width: { type: "integer", minimum: 8, maximum: 512, multipleOf: 8, default: 64 },
    shuffle: { type: "boolean", default: true },
    model_name: { type: "string", maxLength: 128, default: "" },
    nested: { type: "object" },
  },
};
const FIELDS = fieldsOf(SCHEMA);
const numberField = (name: string): NumberField =>
  FIELDS.find((field) => field.name === name) as NumberField;

test("each property becomes the field that fits it, in the schema's order", () => {
  expect(FIELDS.map((field) => [field.name, field.kind, field.label])).toEqual([
    ["model", "choice", "Model"],
    ["c", "number", "C"],
    ["max_depth", "number", "Max depth"],
    ["width", "number", "Width"],
    ["shuffle", "switch", "Shuffle"],
    ["model_name", "text", "Model name"],
  ]);
});

test("what is no schema has no fields", () => {
  expect(fieldsOf(null)).toEqual([]);
  expect(fieldsOf({ properties: { a: 1 } })).toEqual([]);
});

test("given values stand in the form, defaults in the rest", () => {
  expect(
    entriesOf(FIELDS, { c: 0.5, model: "ridge", shuffle: false, odd: 1, width: null }),
  ).toEqual({
    model: "ridge",
    c: "0.5",
    max_depth: "3",
    width: "64",
    shuffle: false,
    model_name: "",
  });
});

test("a field that the chosen model does not read is neither shown nor sent", () => {
  const entries = { ...entriesOf(FIELDS, {}), model: "ridge" };

  expect(isShown(numberField("c"), entries)).toBe(false);
  expect(readAll(FIELDS, entries).values).not.toHaveProperty("c");
});

test("values come back as the types that the server asks for", () => {
  const entries = { ...entriesOf(FIELDS, {}), c: " 1e-3 ", max_depth: "5" };

  expect(readAll(FIELDS, entries)).toEqual({
    values: { model: "svm", c: 0.001, max_depth: 5, width: 64, shuffle: true, model_name: "" },
    wrong: {},
  });
});

test.each([
  ["c", "", "A number, such as 0.01 or 1e-3"],
  ["c", "abc", "A number, such as 0.01 or 1e-3"],
  ["c", "0", "At least 1e-4"],
  ["c", "20000", "At most 10000"],
  ["max_depth", "2.5", "A whole number"],
  ["width", "12", "A multiple of 8"],
])("%s = %j says what is wrong", (name, text, sentence) => {
  const entries = { ...entriesOf(FIELDS, {}), [name]: text };

  expect(readAll(FIELDS, entries).wrong).toEqual({ [name]: sentence });
});

test("bounds are told in few characters", () => {
  expect(boundsText(numberField("c"))).toBe("1e-4 to 10000");
  expect(boundsText(numberField("max_depth"))).toBe("0 to 64");
});

test.each([
  ["c", "1", 1, "2"],
  ["c", "2", 1, "5"],
  ["c", "5", 1, "10"],
  ["c", "1", -1, "0.5"],
  ["c", "0.003", -1, "0.002"],
  ["c", "0.0001", -1, "1e-4"],
  ["max_depth", "3", 1, "4"],
  ["max_depth", "0", -1, "0"],
  ["width", "64", -1, "56"],
  ["c", "abc", 1, "abc"],
] as const)("an arrow key takes %s from %s by %d to %s", (name, from, direction, to) => {
  expect(nudged(numberField(name), from, direction)).toBe(to);
});
