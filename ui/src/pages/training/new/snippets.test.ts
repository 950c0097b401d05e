import { execFileSync } from "node:child_process";
import { expect, test } from "vitest";
import { curlSnippet, pythonSnippet, startSnippet, TOKEN_PLACE, trainSnippet } from "./snippets";

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

test("axon train gets project and name as one word each", () => {
  expect(trainSnippet(VALUES, false)).toBe("axon train train.py --project=digits");
  expect(trainSnippet({ ...VALUES, name: "it's -x" }, false)).toBe(
    String.raw`axon train train.py --project=digits --name='it'\''s -x'`,
  );
  expect(trainSnippet({ ...VALUES, token: "axon_pat_1_x" }, true)).toBe(
    "export AXON_SERVER=http://localhost:3000\nexport AXON_TOKEN=axon_pat_1_x\naxon train train.py --project=digits",
  );
});

test("the numbers that curl sends are made by what every machine has", () => {
  const script = curlSnippet({ ...VALUES, name: "x" });
  const body = /-d "(\{.*\})"/.exec(script)?.[1] ?? "";

  const made = execFileSync("sh", ["-c", `STEP=3; echo "${body}"`], { encoding: "utf8" });

  expect(JSON.parse(made)).toEqual({ metrics: [{ step: 3, loss: 0.666667 }] });
});
