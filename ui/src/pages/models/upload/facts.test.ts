import { expect, test } from "vitest";
import { configOf, metricsOf, nameFrom, tagsOf } from "./facts";
import { secondsLeft } from "./send";

test("metrics are written as name=number", () => {
  expect(metricsOf("accuracy=0.97, val/loss = 1e-2\n")).toEqual({
    accuracy: 0.97,
    "val/loss": 0.01,
  });
  expect(metricsOf("")).toEqual({});
  expect(metricsOf("accuracy=high")).toBe("“accuracy=high” is not name=number");
  expect(metricsOf("accuracy")).toBe("“accuracy” is not name=number");
});

test("a file's name becomes a name that the registry takes", () => {
  expect(nameFrom("mnist mlp (2).onnx")).toBe("mnist-mlp-2");
  expect(nameFrom("../../évil.onnx")).toBe("vil");
  expect(nameFrom("model.onnx")).toBe("model");
});

test("the time left follows the rate", () => {
  expect(secondsLeft({ sent_bytes: 25, total_bytes: 100, rate: 25 })).toBe(3);
  expect(secondsLeft({ sent_bytes: 0, total_bytes: 100, rate: 0 })).toBeNull();
});

test("tags are written with commas, each once", () => {
  expect(tagsOf(" raw, checked,,raw ")).toEqual(["raw", "checked"]);
});

test("a configuration is a JSON object", () => {
  expect(configOf(' {"lr": 0.1, "layers": [1, 2]} ')).toEqual({ lr: 0.1, layers: [1, 2] });
  expect(configOf("")).toEqual({});
  for (const text of ["[1]", "lr=1", "null", '"x"', "{"])
    expect(configOf(text)).toContain("JSON object");
});
