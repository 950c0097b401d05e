import { beforeEach, expect, test } from "vitest";
import { movedIn, placed, type PlacedGroup, type Placement } from "./arranged";
import {
  type Arrangement,
  arrangementOf,
  arrangementText,
  AS_IT_COMES,
  newId,
  PINNED,
  withHidden,
  withMade,
  withMadeAgain,
  withOrder,
  withoutMade,
  withPin,
} from "./arrangement";
import { chartGroups, matcherOf } from "./chart-groups";
import { keepArrangement, keptArrangement } from "./kept-arrangement";

const KNOWN = ["loss", "val/loss", "accuracy", "lr", "gpu_util"];
const BOTH = { id: "hand:1", title: "Both; ~100 %", names: ["train~a;b", "val/loss"] };

beforeEach(() => localStorage.clear());

function placementOf(now: Arrangement, filter = "", isSystemTab = false): Placement {
  const fits = matcherOf(filter);
  const names = KNOWN.filter((name) => (name === "gpu_util") === isSystemTab);
  const groups = chartGroups(names.filter(fits));
  return placed({ groups, known: KNOWN, isSystemTab, fits }, now);
}

function shown(placement: Placement): Record<string, string[]> {
  return Object.fromEntries(
    placement.groups.map((group) => [group.title, group.charts.map((one) => one.title)]),
  );
}

test("an arrangement is read as it was written, whatever the names have in them", () => {
  const now: Arrangement = {
    pinned: ["loss", "hand:1", "emoji 🦉/%7e"],
    hidden: ["a;b~c"],
    order: { "by Metrics": ["lr", "loss"], "by __proto__": ["x"] },
    made: [BOTH],
  };

  expect(arrangementOf(arrangementText(now))).toEqual(now);
  expect(arrangementText(AS_IT_COMES)).toBe("");
});

test.each(["{}", "null", "p;;~~;h~;o~;m~", "m~1~no metric", "x~y;%zz", "\u0000".repeat(50_000)])(
  "garbage arranges nothing: %#",
  (text) => {
    expect(arrangementOf(text)).toEqual(AS_IT_COMES);
  },
);

test("what is named twice counts once", () => {
  expect(arrangementOf("p~loss~loss;m~1~A~x~x;m~1~B~y")).toEqual({
    ...AS_IT_COMES,
    pinned: ["loss"],
    made: [{ id: "1", title: "A", names: ["x"] }],
  });
});

test("pinned charts stand first and in the order they were pinned, and nowhere else", () => {
  const now = withPin(withPin(AS_IT_COMES, "lr", true), "loss", true);

  expect(shown(placementOf(now))).toEqual({ Pinned: ["lr", "loss"], Metrics: ["accuracy"] });
  expect(shown(placementOf(withPin(now, "lr", false)))).toEqual({
    Pinned: ["loss"],
    Metrics: ["accuracy", "lr"],
  });
});

const USUAL = ["loss", "accuracy", "lr"];

test("a moved chart stays there, and what another run has keeps its place between", () => {
  const [metrics] = placementOf(AS_IT_COMES).groups as [PlacedGroup];
  const ids = movedIn(metrics, "lr", 0) ?? [];
  const kept: Arrangement = {
    ...AS_IT_COMES,
    order: { [metrics.id]: ["lr", "loss", "perplexity", "accuracy"] },
  };

  expect(shown(placementOf(withOrder(AS_IT_COMES, metrics.id, ids, USUAL)))).toEqual({
    Metrics: ["lr", "loss", "accuracy"],
  });
  expect(withOrder(kept, metrics.id, ["accuracy", "lr", "loss"], USUAL).order[metrics.id]).toEqual([
    "accuracy",
    "lr",
    "perplexity",
  ]);
  expect(movedIn(metrics, "loss", -1)).toBeNull();
  expect(movedIn(metrics, "lr", 3)).toBeNull();
});

test("only what leaves its usual place is named, and a chart moved back leaves nothing", () => {
  const many = Array.from({ length: 1000 }, (_, i) => `layer${i}`);
  const [first = "", second = "", ...others] = many;

  const now = withOrder(AS_IT_COMES, "by Metrics", [second, first, ...others], many);

  expect(now.order).toEqual({ "by Metrics": [second] });
  expect(arrangementText(withOrder(now, "by Metrics", many, many))).toBe("");
  const later = withPin(now, second, true);
  expect(withOrder(later, "by Metrics", [...others, first], many).order["by Metrics"]).toEqual([
    second,
    ...others,
  ]);
});

test("pinned charts are ordered among themselves, those of other runs stay between them", () => {
  const now: Arrangement = { ...AS_IT_COMES, pinned: ["loss", "perplexity", "lr"] };

  expect(withOrder(now, PINNED, ["lr", "loss"], []).pinned).toEqual(["lr", "perplexity", "loss"]);
});

test("a hidden chart is out of every group, pinned or not, and back as it was", () => {
  const pinned = withPin(AS_IT_COMES, "loss", true);
  const now = withHidden(pinned, ["loss"], true);

  expect(shown(placementOf(now))).toEqual({ Metrics: ["accuracy", "lr"] });
  expect(placementOf(now).hidden.map((one) => one.title)).toEqual(["loss"]);
  expect(withHidden(now, ["loss"], false)).toEqual(pinned);
});

test("a chart drawn by hand shows what this run has of it, on the tab it belongs to", () => {
  const mixed = { id: "hand:1", title: "Mixed", names: ["loss", "gpu_util", "elsewhere"] };
  const lost = { id: "hand:2", title: "Lost", names: ["elsewhere"] };
  const now: Arrangement = { ...AS_IT_COMES, made: [mixed, lost] };

  const placement = placementOf(now);
  expect(placement.groups[0]?.charts[0]?.names).toEqual(["loss", "gpu_util"]);
  expect(placement.absent).toEqual(["Lost"]);
  expect(shown(placementOf(now, "", true))).toEqual({ GPU: ["GPU use"] });
  expect(shown(placementOf(now, "GPU"))).toEqual({ "Your charts": ["Mixed"] });
  expect(shown(placementOf(now, "accuracy"))).toEqual({ Metrics: ["accuracy"] });
});

test("a deleted chart comes back where it stood; what was pinned since stays", () => {
  const second = { id: "hand:2", title: "Second", names: ["lr"] };
  const before = withPin(withMade(withMade(AS_IT_COMES, BOTH), second), BOTH.id, true);

  const gone = withoutMade(before, BOTH.id);
  const back = withMadeAgain(withPin(gone, "lr", true), before, BOTH.id);

  expect(arrangementOf(arrangementText(gone))).toEqual({ ...AS_IT_COMES, made: [second] });
  expect(back).toEqual({ ...before, pinned: [BOTH.id, "lr"] });
  expect(newId(before)).toBe("hand:3");
});

test("an edited chart keeps its place", () => {
  const before = withMade(withMade(AS_IT_COMES, BOTH), { id: "b", title: "B", names: ["lr"] });

  const now = withMade(before, { ...BOTH, title: "Renamed" });

  expect(now.made.map((one) => one.title)).toEqual(["Renamed", "B"]);
});

test.each(["{}", "\u0000", "m~~~", "null"])("garbage in storage is nothing kept: %#", (text) => {
  localStorage.setItem("axonml.charts.1.digits", text);

  expect(keptArrangement("digits")).toBe("");
});

test("each project has its own, and storage that is closed is no error", () => {
  keepArrangement("digits", "p~loss");

  expect(keptArrangement("digits")).toBe("p~loss");
  expect(keptArrangement("vision")).toBe("");
  keepArrangement("digits", "");
  expect(localStorage.length).toBe(0);
});
