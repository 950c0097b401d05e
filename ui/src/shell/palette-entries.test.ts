import { expect, test } from "vitest";
import { matching } from "./palette-entries";

const entries = ["Dashboard", "Inference: Endpoints", "Inference: Metrics", "Theme: dark"].map(
  (name) => ({ name, kind: "Go to", run: () => undefined }),
);

function names(text: string): string[] {
  return matching(entries, text).map((entry) => entry.name);
}

test("the beginnings of words find an entry, in their order", () => {
  expect(names("inf met")).toEqual(["Inference: Metrics"]);
  expect(names("END")).toEqual(["Inference: Endpoints"]);
  expect(names("met inf")).toEqual([]);
});

test("no text finds everything; a middle of a word finds nothing", () => {
  expect(names("  ")).toHaveLength(4);
  expect(names("board")).toEqual([]);
});
