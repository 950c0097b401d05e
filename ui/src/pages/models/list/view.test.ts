import { expect, test } from "vitest";
import { addressOf, isNarrowed, nextSort, queryOf, viewOf } from "./view";

test("an address without anything shows all models, the last changed first", () => {
  const view = viewOf({});

  expect(isNarrowed(view)).toBe(false);
  expect(queryOf(view)).toEqual({ sort: "-updated_at" });
});

test("what the server is asked is what the address says", () => {
  const view = viewOf({ q: "dig", tag: "vision", deployed: "no", sort: "name" });

  expect(isNarrowed(view)).toBe(true);
  expect(queryOf(view)).toEqual({ q: "dig", tag: ["vision"], deployed: "false", sort: "name" });
});

test("an address keeps only what differs from the usual", () => {
  expect(addressOf({ tag: "", sort: "-updated_at", q: "x" })).toEqual({
    tag: undefined,
    sort: undefined,
    q: "x",
  });
});

test("an address that nobody wrote means nothing", () => {
  expect(viewOf({ deployed: "maybe" }).deployed).toBe("");
  expect(viewOf({ tag: ["a", "b"] }).tag).toBe("a");
});

test("a press sorts by a column, a second one turns it round", () => {
  expect(nextSort("-updated_at", "size")).toBe("-size");
  expect(nextSort("-size", "size")).toBe("size");
  expect(nextSort("-updated_at", "name")).toBe("name");
  expect(nextSort("name", "name")).toBe("-name");
});
