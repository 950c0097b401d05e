import { expect, test } from "vitest";
import { conditionOfGroup, rowsOfGroups } from "./rows";
import { addressOf, addressOfSearch, searchOf, viewOf } from "./view";

test("links that name a state or a project are read as conditions of the filter", () => {
  expect(viewOf({ status: "running", project: "my digits" }).filter).toBe(
    'status in (queued, starting, running, stopping) and project = "my digits"',
  );
  expect(viewOf({ status: "failed", filter: "config.lr > 1" }).filter).toBe(
    "config.lr > 1 and status = failed",
  );
});

test("a change of the filter takes the place of such a link", () => {
  expect(addressOf({ filter: "name ~ owl" })).toEqual({
    filter: "name ~ owl",
    status: undefined,
    project: undefined,
  });
});

test("a saved view comes back whole, and takes away what it lacks", () => {
  const address = { filter: 'tags.team = "vision"', columns: "!name~280,metrics.val/loss", by: "" };

  const opened = addressOfSearch(searchOf(address));

  expect(opened).toMatchObject({ filter: address.filter, columns: address.columns });
  expect(opened.sort).toBeUndefined();
  expect(Object.keys(opened)).toContain("trash");
});

test("a group is found again by its value, and one without a value by that", () => {
  expect(conditionOfGroup("config.lr", { value: 0.001 })).toBe("config.lr = 0.001");
  expect(conditionOfGroup("tags.team", { value: "a b" })).toBe('tags.team = "a b"');
  expect(conditionOfGroup("config.lr", { value: null })).toBe("not config.lr exists");
});

test("an open group waits for its runs, then shows them and how many more there are", () => {
  const group = { key: "1", value: 1, n_runs: 3, by_status: {}, metrics: {} };
  const other = { ...group, value: 2 };
  const kinds = (found?: { items: never[]; total: number }): string[] =>
    rowsOfGroups([group, other], new Set(["1"]), () => found).map((row) => row.kind);

  expect(kinds()).toEqual(["group", "wait", "group"]);
  expect(kinds({ items: [], total: 3 })).toEqual(["group", "more", "group"]);
});
