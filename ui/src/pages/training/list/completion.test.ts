import { expect, test } from "vitest";
import { completionOf, taken, type Vocabulary } from "./completion";

const KNOWN: Vocabulary = {
  fields: [
    { key: "status", detail: "of every run" },
    { key: "metrics.loss", detail: "metric" },
    { key: "metrics.val/loss", detail: "metric" },
    { key: "config.lr", detail: "config" },
  ],
  values: (field) => (field === "status" ? ["running", "failed"] : []),
};

const labels = (text: string, caret = text.length): string[] =>
  completionOf(text, caret, KNOWN).items.map((item) => item.label);

test("fields come first, by any part of their name, the nearest at the top", () => {
  expect(labels("")).toHaveLength(4);
  expect(labels("loss")).toEqual(["metrics.loss", "metrics.val/loss"]);
  expect(labels("status = running and (")).toHaveLength(4);
  expect(labels("not con")).toEqual(["config.lr"]);
});

test("after a field its operators, after those its values, after a condition and and or", () => {
  expect(labels("metrics.loss ")).toContain(">=");
  expect(labels("status = ")).toEqual(["running", "failed"]);
  expect(labels("status in (running, f")).toEqual(["failed"]);
  expect(labels("status not ")).toEqual(expect.arrayContaining(["in ("]));
  expect(labels("status = running ")).toEqual(["and", "or"]);
  expect(labels("metrics.loss < 0.1 a")).toEqual(["and"]);
});

test("what is taken replaces the word at the cursor, not what follows", () => {
  const text = "val < 0.1 and status = failed";
  const completion = completionOf(text, 3, KNOWN);

  const next = taken(text, completion, completion.items[0] ?? { text: "", label: "", detail: "" });

  expect(next.text).toBe('metrics."val/loss" < 0.1 and status = failed');
  expect(next.caret).toBe('metrics."val/loss" '.length);
});
