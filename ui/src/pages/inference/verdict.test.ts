import { describe, expect, it } from "vitest";
import { agreement, verdict } from "./verdict";

describe("verdict", () => {
  it("says whether two answers agree, and by how much they do not", () => {
    expect(verdict({ agrees: true, max_difference: 0, same_top: true })).toBe("The answers agree.");
    expect(verdict({ agrees: false, max_difference: 0.123_456, same_top: true })).toBe(
      "The answers differ by up to 0.123. The largest of each row is the same.",
    );
    expect(verdict({ agrees: false, max_difference: 2, same_top: false })).toBe(
      "The answers differ by up to 2. Classes differ.",
    );
    expect(verdict({ agrees: false, max_difference: null, same_top: null })).toContain("shapes");
  });
});

describe("agreement", () => {
  it("counts what a shadow answered alike", () => {
    const none = { compared: 0, agreed: 0, same_top: null, max_difference: null, skipped: 0 };
    expect(agreement(none)).toBe("No answer has been compared yet.");
    expect(
      agreement({ compared: 8, agreed: 6, same_top: 7, max_difference: 0.5, skipped: 2 }),
    ).toBe(
      "6 of 8 answers agree (75.0 %); 7 name the same class; they differ by up to 0.5; 2 copies were skipped.",
    );
  });
});
