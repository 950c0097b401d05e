import { execFileSync } from "node:child_process";
import { expect, test } from "vitest";
import { curlSnippet, pythonSnippet, startSnippet, TOKEN_PLACE } from "./snippets";

const VALUES = { server: "http://localhost:3000", project: "digits", name: "", token: "" };

test("the Python names the project, and the run only if it has a name", () => {
  expect(pythonSnippet(VALUES)).toContain('axonml.init(project="digits", config=');
  expect(pythonSnippet({ ...VALUES, name: 'say "hi"' })).toContain(
    String.raw`project="digits", name="say \"hi\"", config=`,
  );
});

test("another machine needs address and token, the server's own none", () => {
  expect(startSnippet(VALUES, false)).toBe("python train.py");
  expect(startSnippet(VALUES, true)).toContain(TOKEN_PLACE);
  expect(startSnippet({ ...VALUES, token: "axon_pat_1_x" }, true)).toContain(
    "AXON_TOKEN=axon_pat_1_x",
  );
});

test("the shell reads the curl commands as one valid script, whatever the names", () => {
  const script = curlSnippet({ ...VALUES, project: "it's $(date)", name: "a\"b'c" });

  expect(() => execFileSync("sh", ["-n"], { input: script })).not.toThrow();
  expect(script).toContain(String.raw`"project":"it'\''s $(date)"`);
});
