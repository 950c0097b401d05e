import { MemoryRouter, createMemoryHistory, Route } from "@solidjs/router";
import { QueryClientProvider } from "@tanstack/solid-query";
import { fireEvent, render, screen, waitFor } from "@solidjs/testing-library";
import { beforeEach, expect, test, vi } from "vitest";
import { queryClient } from "~/api/query-client";
import type { RunComparison } from "~/api/types";
import { Training } from "../training";

const asked: { path: string; body: unknown }[] = [];
let comparison: RunComparison;
let importanceIsThere: Promise<void>;

function aRun(id: string, is_final = true): RunComparison["runs"][number] {
  return {
    id,
    user_id: "u",
    name: `run ${id}`,
    project: "p",
    status: is_final ? "completed" : "running",
    group: "",
    tags: [],
    started_ms: 0,
    is_final,
  };
}

beforeEach(() => {
  queryClient.clear();
  asked.length = 0;
  importanceIsThere = Promise.resolve();
  comparison = {
    runs: [aRun("a"), aRun("b"), aRun("c")],
    missing: [],
    total: 3,
    n_keys: 2,
    keys: [
      { space: "config", key: "lr", differs: true, values: [0.1, 0.2, 0.1] },
      { space: "config", key: "epochs", differs: false, values: [3, 3, 3] },
    ],
    metrics: [
      {
        name: "loss",
        value: [0.5, 0.25, 1],
        lowest: [0.5, 0.25, 1],
        highest: [1, 1, 1],
        last_step: [9, 9, 9],
      },
    ],
  };
  const idle = class {
    observe(): void {}
    disconnect(): void {}
  };
  vi.stubGlobal("ResizeObserver", idle);
  vi.stubGlobal("IntersectionObserver", idle);
  vi.stubGlobal("fetch", async (request: Request) => {
    const { pathname } = new URL(request.url);
    asked.push({ path: pathname, body: request.method === "POST" ? await request.json() : null });
    if (pathname.endsWith("/compare")) return Response.json(comparison);
    if (pathname.endsWith("/importance")) {
      await importanceIsThere;
      const problem = { type: "x", title: "no", status: 422, code: "too_few_runs" };
      return Response.json(
        { ...problem, detail: "3 of 3 runs have ended; it takes at least 4" },
        { status: 422, headers: { "content-type": "application/problem+json" } },
      );
    }
    return Response.json({ items: [], next_cursor: null, total: 0 });
  });
});

function open(address: string): ReturnType<typeof createMemoryHistory> {
  const history = createMemoryHistory();
  history.set({ value: address });
  render(() => (
    <QueryClientProvider client={queryClient}>
      <MemoryRouter history={history}>
        <Route path="/training" component={Training} />
        <Route path="/training/:id" component={() => <p>the page of a run</p>} />
      </MemoryRouter>
    </QueryClientProvider>
  ));
  return history;
}

test("the runs of the address are asked for in one call, and shown by name", async () => {
  open("/training?compare=a,b,c");

  expect(await screen.findByRole("heading", { level: 1 })).toHaveProperty(
    "textContent",
    "Compare 3 runs",
  );
  expect(screen.getByRole("link", { name: "run b" })).toBeDefined();
  expect(asked[0]).toEqual({
    path: "/api/training/runs/compare",
    body: { runs: ["a", "b", "c"] },
  });
});

test("a filter in the address is asked for as it is", async () => {
  open(`/training?compare=${encodeURIComponent('filter:project = "p"')}`);

  expect(await screen.findByText('project = "p"')).toBeDefined();
  expect(asked[0]?.body).toEqual({ filter: 'project = "p"' });
});

test("one run alone is shown on its own page, none says how to choose some", async () => {
  open("/training?compare=a");
  expect(await screen.findByText("the page of a run")).toBeDefined();

  open("/training?compare=");
  expect(await screen.findByText("No runs chosen")).toBeDefined();
});

test("runs that are gone are told in one line, and the rest is compared", async () => {
  comparison.missing = ["x", "y"];
  open("/training?compare=a,b,c,x,y");

  expect(await screen.findByText(/2 runs of this link are gone/)).toBeDefined();
});

test("hiding, the baseline and taking a run out are in the address", async () => {
  const history = open("/training?compare=a,b,c&tab=config");
  fireEvent.click(await screen.findByRole("button", { name: "Hide run c" }));
  fireEvent.click(screen.getByRole("button", { name: "Baseline: run a" }));

  await waitFor(() => expect(history.get()).toContain("hide=c"));
  await waitFor(() => expect(history.get()).toContain("base=a"));
  expect(screen.queryByRole("columnheader", { name: /run c/ })).toBeNull();
  expect(await screen.findByText("+0.1 (+100%)")).toBeDefined();

  fireEvent.click(screen.getByRole("button", { name: "Take run b out" }));
  await waitFor(() => expect(history.get()).toMatch(/compare=a(,|%2C)c/));
});

test("only what differs is shown until all is asked for", async () => {
  open("/training?compare=a,b,c&tab=config");
  expect(await screen.findByRole("rowheader", { name: "lr" })).toBeDefined();
  expect(screen.queryByRole("rowheader", { name: "epochs" })).toBeNull();

  fireEvent.click(screen.getByLabelText("Only what differs"));

  expect(await screen.findByRole("rowheader", { name: "epochs" })).toBeDefined();
});

test("each run is a mark that says its values, and a press on it opens the run", async () => {
  open("/training?compare=a,b,c&tab=scatter");

  const mark = await screen.findByRole("link", { name: "run b: lr 0.2, loss 0.25" });
  fireEvent.keyDown(mark, { key: "Enter" });

  expect(await screen.findByText("the page of a run")).toBeDefined();
});

test("keys move the ends of an axis, and the runs outside of it are counted out", async () => {
  const history = open("/training?compare=a,b,c&tab=parallel");
  const end = await screen.findByRole("slider", { name: "lr: to" });

  fireEvent.keyDown(end, { key: "PageDown" });

  expect(await screen.findByText(/2 of 3 runs lie within every brush/)).toBeDefined();
  await waitFor(() => expect(history.get()).toContain("brush=config%253Alr%3A0.0999999%3A0.19"));
  fireEvent.keyDown(screen.getByRole("slider", { name: "lr: to" }), { key: "Escape" });
  expect(await screen.findByText(/3 of 3 runs lie within every brush/)).toBeDefined();
});

test("while parameters are weighed the page says so", async () => {
  let answer = (): void => {};
  importanceIsThere = new Promise((resolve) => {
    answer = resolve;
  });
  open("/training?compare=a,b,c&tab=importance");

  expect(await screen.findByText(/A random forest learns from 3 runs/)).toBeDefined();
  answer();
  expect(await screen.findByText(/it takes at least 4/)).toBeDefined();
});

test("too few runs for importance is said in the server's words", async () => {
  open("/training?compare=a,b,c&tab=importance");

  expect(await screen.findByText(/it takes at least 4/)).toBeDefined();
  expect(asked.find((one) => one.path.endsWith("/importance"))?.body).toEqual({
    runs: ["a", "b", "c"],
    target: 'metrics."loss"',
  });
});
