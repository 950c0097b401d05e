import { expect, test } from "vitest";
import { pulling, refOf } from "./snippets";

test("a script asks for the champion, else for another alias, else for the newest version", () => {
  expect(refOf({ staging: 3, champion: 2 })).toBe("champion");
  expect(refOf({ staging: 3, beta: 1 })).toBe("beta");
  expect(refOf({})).toBe("latest");
});

test("the commands name the version and keep the file's kind", () => {
  const version = { file_path: "models/m/v2/model.onnx" };

  const code = pulling({ name: "digits", aliases: {} }, version, "2");

  expect(code.shell).toBe("axon models pull digits:2");
  expect(code.python).toContain('Path("digits.onnx")');
  expect(code.python).toContain('model.id, "2", target');
});
