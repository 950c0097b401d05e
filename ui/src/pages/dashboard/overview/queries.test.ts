import { expect, test } from "vitest";
import { mainMetric, valueText } from "./queries";

test("a loss tells most about a run, else its first own metric", () => {
  expect(mainMetric({ summary: { accuracy: 0.9, "val/loss": 0.4, loss: 0.3 } })).toBe("loss");
  expect(mainMetric({ summary: { accuracy: 0.9, "val/loss": 0.4 } })).toBe("val/loss");
  expect(mainMetric({ summary: { accuracy: 0.9, f1: 0.8 } })).toBe("accuracy");
});

test("the machine's figures are no result of a run", () => {
  expect(mainMetric({ summary: { "system/cpu": 0.5, learning_rate: 0.1, epoch: 3 } })).toBe(
    undefined,
  );
});

test("a diverged value is shown as what it is", () => {
  expect(valueText("NaN")).toBe("NaN");
  expect(valueText(0.312345)).toBe("0.3123");
  expect(valueText(undefined)).toBe("–");
});
