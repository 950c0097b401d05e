import { describe, expect, test } from "vitest";
import {
  conditionsOf,
  extended,
  fieldText,
  namedIn,
  tokensOf,
  valueText,
  withCondition,
  without,
} from "./filter-text";

test("quoted names, numbers and signs are words of their own, each with its place", () => {
  const text = 'metrics."val/loss"<-1e-3 and x in (a)';

  const tokens = tokensOf(text);

  expect(tokens.map((token) => [token.kind, token.text])).toEqual([
    ["field", 'metrics."val/loss"'],
    ["operator", "<"],
    ["number", "-1e-3"],
    ["keyword", "and"],
    ["field", "x"],
    ["keyword", "in"],
    ["mark", "("],
    ["field", "a"],
    ["mark", ")"],
  ]);
  expect(tokens.every((token) => text.slice(token.start, token.end) === token.text)).toBe(true);
});

describe("conditions", () => {
  test("are what stands between the outer words `and`", () => {
    expect(conditionsOf("a = 1 AND (b = 2 and c = 3) and not d exists")).toEqual([
      "a = 1",
      "(b = 2 and c = 3)",
      "not d exists",
    ]);
    expect(conditionsOf('name ~ "this and that"')).toEqual(['name ~ "this and that"']);
  });

  test("an outer or makes the whole one condition, so that nothing changes its meaning", () => {
    expect(extended("a = 1 or b = 2", "status = running")).toBe(
      "(a = 1 or b = 2) and status = running",
    );
    expect(without("(a = 1 or b = 2) and status = running", "status = running")).toBe(
      "a = 1 or b = 2",
    );
  });

  test("a chip takes the place of the condition about its field", () => {
    const filter = "status in (running, failed) and config.lr > 0.1";

    expect(withCondition(filter, "status", "status = lost")).toBe(
      "status = lost and config.lr > 0.1",
    );
    expect(withCondition(filter, "status", null)).toBe("config.lr > 0.1");
    expect(withCondition("", "status", "status = lost")).toBe("status = lost");
  });

  test("the same condition is not asked twice", () => {
    expect(extended("a = 1", "a = 1")).toBe("a = 1");
  });

  test("say which values they name", () => {
    expect(namedIn('status in (running, "failed")', "status")).toEqual(["running", "failed"]);
    expect(namedIn("status = lost", "status")).toEqual(["lost"]);
    expect(namedIn("status != lost", "status")).toEqual([]);
  });
});

test("odd names and values are quoted, plain ones stay as they are", () => {
  expect(fieldText("metrics.val/loss")).toBe('metrics."val/loss"');
  expect(fieldText("metrics.loss.min")).toBe('metrics."loss.min"');
  expect(fieldText("config.optim.weight decay")).toBe('config.optim."weight decay"');
  expect([valueText("vision"), valueText('a "b"'), valueText("and"), valueText(1e-7)]).toEqual([
    "vision",
    String.raw`"a \"b\""`,
    '"and"',
    "1e-7",
  ]);
});
