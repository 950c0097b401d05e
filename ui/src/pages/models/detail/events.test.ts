import { expect, test } from "vitest";
import type { ModelEvent } from "~/api/types";
import { eventText } from "./events";

const an = (event: Partial<ModelEvent>): ModelEvent =>
  ({ version: null, alias: null, previous_version: null, ...event }) as ModelEvent;

test("an alias that was nowhere is set, one that was somewhere moves", () => {
  const set = an({ action: "alias_set", alias: "champion", version: 3 });

  expect(eventText(set)).toBe("champion was set to v3");
  expect(eventText({ ...set, previous_version: 1 })).toBe("champion moved from v1 to v3");
});

test("what went says where it was", () => {
  expect(eventText(an({ action: "alias_removed", alias: "champion", previous_version: 2 }))).toBe(
    "The alias champion was removed from v2",
  );
  expect(eventText(an({ action: "version_deleted", version: 4 }))).toBe("v4 was deleted");
});
