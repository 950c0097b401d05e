import { describe, expect, it } from "vitest";
import { type ConfigField, FIELDS, problemOf, withTexts } from "./config-form";

const problem = (key: ConfigField["key"], text: string) =>
  FIELDS.filter((one) => one.key === key).map((one) => problemOf(one, text))[0];

describe("the configuration form", () => {
  it("takes numbers in their range, and nothing where nothing may be", () => {
    expect(problem("threads", "4")).toBeNull();
    expect(problem("threads", "0")).toBe("1 to 64.");
    expect(problem("threads", "1.5")).toBe("1 to 64.");
    expect(problem("threads", "")).toBe("A number is needed.");
    expect(problem("max_delay_ms", "0.5")).toBeNull();
    expect(problem("memory_mb", "")).toBeNull();
    expect(problem("memory_mb", "much")).toBe("64 to 1048576.");
  });

  it("changes what was typed and keeps the rest", () => {
    const config = { threads: 1, memory_mb: 512, queue_rows: 10, device: "cpu" as const };
    expect(withTexts(config, { threads: "2", memory_mb: "" })).toEqual({
      threads: 2,
      memory_mb: null,
      queue_rows: 10,
      device: "cpu",
    });
  });
});
