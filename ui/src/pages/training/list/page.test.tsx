import { MemoryRouter, Route } from "@solidjs/router";
import { fireEvent, render, screen, waitFor, within } from "@solidjs/testing-library";
import { QueryClientProvider } from "@tanstack/solid-query";
import { beforeEach, expect, test, vi } from "vitest";
import type { Watcher } from "~/api/live";
import { queryClient } from "~/api/query-client";
import { Toaster } from "~/components/toast/Toaster";
import RunsPage from "./page";
import { aRun, fakeServer } from "./server.fixture";

const stream = vi.hoisted(() => ({ watchers: new Map<string, Watcher>() }));

// No layout in jsdom, so nothing would be in view: the first rows and the last are.
vi.mock("@tanstack/solid-virtual", () => ({
  createVirtualizer: (options: { count: number }) => ({
    getVirtualItems: () =>
      Array.from({ length: options.count }, (_, index) => ({ index, start: index * 44 })).filter(
        ({ index }) => index < 6 || index === options.count - 1,
      ),
    getTotalSize: () => options.count * 44,
    scrollToIndex: () => {},
  }),
}));
vi.mock("~/api/live", () => ({
  watchRun: (run: string, watcher: Watcher) => {
    stream.watchers.set(run, watcher);
    return () => stream.watchers.delete(run);
  },
}));

const server = fakeServer();

function show(address = "/"): void {
  const [path, search] = address.split("?");
  history.replaceState(null, "", address);
  render(() => (
    <QueryClientProvider client={queryClient}>
      <MemoryRouter
        root={(props) => (
          <>
            {props.children}
            <Toaster />
          </>
        )}
      >
        <Route path="/" component={RunsPage} />
        <Route path="/training" component={() => <p>compared: {path ?? search}</p>} />
        <Route path="/training/:id" component={() => <p>one run</p>} />
      </MemoryRouter>
    </QueryClientProvider>
  ));
}

function rowOf(text: string): HTMLElement {
  const row = screen.getByText(text).closest<HTMLElement>("[role=row]");
  if (!row) throw new Error(`${text} stands in no row`);
  return row;
}

const cellsOf = (text: string): (string | null)[] =>
  within(rowOf(text))
    .getAllByRole("cell")
    .map((cell) => cell.textContent);

const heads = (): string[] =>
  screen
    .getAllByRole("columnheader")
    .map((head) => head.dataset["column"] ?? "")
    .filter(Boolean);

async function filterBy(text: string): Promise<HTMLElement> {
  const box = await screen.findByRole("combobox", { name: "Filter runs" });
  fireEvent.input(box, { target: { value: text } });
  fireEvent.keyDown(box, { key: "Enter" });
  return box;
}

beforeEach(() => {
  stream.watchers.clear();
  server.reset();
  queryClient.clear();
  localStorage.clear();
  vi.stubGlobal(
    "ResizeObserver",
    class {
      observe(): void {}
      disconnect(): void {}
    },
  );
  HTMLDialogElement.prototype.showModal = function showModal(): void {
    this.open = true;
  };
  HTMLDialogElement.prototype.close = function close(): void {
    this.open = false;
  };
  vi.stubGlobal("fetch", server.fetch);
});

test("without runs the page says what fills it", async () => {
  show();

  expect(await screen.findByText("No runs yet")).toBeTruthy();
  expect(screen.getByText("axon demo")).toBeTruthy();
});

test("a run shows its state, its tags and its last values, NaN included", async () => {
  server.runs = [aRun("brave", { summary: { loss: "NaN", accuracy: 0.98765 }, tags: ["team=a"] })];
  show();
  await screen.findByText("brave");

  expect(cellsOf("brave")).toEqual(
    expect.arrayContaining(["completed", "digits", "team=a", "NaN", "0.9877"]),
  );
});

test("filter, search and order are asked of the server, and the answer says how many there are", async () => {
  server.runs = [aRun("brave"), aRun("calm")];
  show();
  await screen.findByText("2 runs");

  await filterBy("config.lr < 0.1");
  fireEvent.click(screen.getByRole("button", { name: "failed" }));
  fireEvent.click(screen.getByRole("button", { name: "loss" }));
  fireEvent.input(screen.getByRole("searchbox"), { target: { value: "owl" } });

  await waitFor(() => {
    const asked = server.listed().at(-1)?.searchParams;
    expect(asked?.get("filter")).toBe("config.lr < 0.1 and status in (failed, lost)");
    expect(asked?.get("sort")).toBe("metrics.loss");
    expect(asked?.get("q")).toBe("owl");
  });
  fireEvent.click(screen.getByRole("button", { name: "Take away: config.lr < 0.1" }));
  await waitFor(() =>
    expect(server.listed().at(-1)?.searchParams.get("filter")).toBe("status in (failed, lost)"),
  );
});

test("a filter that the server cannot read is underlined where it is wrong; the runs stay", async () => {
  server.runs = [aRun("brave")];
  show();
  await screen.findByText("brave");
  // The server counts characters: the emoji is one, though JavaScript counts two.
  server.refusal = { position: 11, length: 2, detail: "expected a value here" };

  const box = await filterBy('name ~ "🦉" <> 3');

  expect((await screen.findByRole("alert")).textContent).toBe("Expected a value here.");
  expect(document.querySelector("[data-spot]")?.textContent).toBe("<>");
  expect(box.getAttribute("aria-invalid")).toBe("true");
  expect(screen.getByText("brave")).toBeTruthy();
});

test("the filter box completes fields that runs have and remembers what was asked", async () => {
  server.runs = [aRun("brave")];
  server.columns = {
    metrics: [{ key: "val/loss", kind: "number", n_runs: 3 }],
    config: [],
    tags: [],
    labels: [],
  };
  show();
  await screen.findByText("brave");
  const box = screen.getByRole<HTMLInputElement>("combobox", { name: "Filter runs" });
  box.focus();

  fireEvent.input(box, { target: { value: "val" } });
  box.setSelectionRange(3, 3);
  fireEvent.keyUp(box);
  fireEvent.keyDown(box, { key: "ArrowDown" });
  fireEvent.keyDown(box, { key: "Enter" });

  expect(box.value).toBe('metrics."val/loss" ');
  await filterBy('metrics."val/loss" < 1');
  await filterBy("");
  fireEvent.focus(box);
  expect(screen.getByRole("option", { name: /val\/loss" < 1\s*recent/ })).toBeTruthy();
});

test("columns are found by name, shown, moved by keys and taken away", async () => {
  server.runs = [aRun("brave", { config: { optim: { lr: 0.001 } } as never })];
  server.columns = {
    metrics: [{ key: "loss", kind: "number", n_runs: 1 }],
    config: [{ key: "optim.lr", kind: "number", n_runs: 1 }],
    tags: [],
    labels: [],
  };
  show();
  await screen.findByText("brave");

  fireEvent.click(screen.getByRole("button", { name: "Columns" }));
  fireEvent.input(screen.getByRole("searchbox", { name: "Search columns" }), {
    target: { value: "lr" },
  });
  fireEvent.click(screen.getByRole("checkbox", { name: /optim.lr/ }));

  await waitFor(() => expect(heads().at(-1)).toBe("config.optim.lr"));
  expect(cellsOf("brave")).toContain("0.001");
  fireEvent.keyDown(screen.getByRole("button", { name: "optim.lr" }), {
    key: "ArrowLeft",
    shiftKey: true,
  });
  await waitFor(() => expect(heads().at(-2)).toBe("config.optim.lr"));
  fireEvent.click(screen.getByRole("button", { name: "Column optim.lr" }));
  fireEvent.click(screen.getByRole("menuitem", { name: "Hide the column" }));
  await waitFor(() => expect(heads()).not.toContain("config.optim.lr"));
});

test("a column is made wider by the keys of its edge", async () => {
  server.runs = [aRun("brave")];
  show();
  await screen.findByText("brave");
  const edge = (): HTMLElement => screen.getByRole("separator", { name: "Width of Status" });
  const before = Number(edge().getAttribute("aria-valuenow"));

  fireEvent.keyDown(edge(), { key: "ArrowRight" });

  await waitFor(() => expect(Number(edge().getAttribute("aria-valuenow"))).toBe(before + 16));
});

test("groups say how many runs they have and mean ± spread; open they list their runs", async () => {
  server.runs = [aRun("brave")];
  const loss = { n: 3, mean: 0.25, std: 0.0123, min: 0.2, max: 0.3 };
  server.groups = [
    { key: "config.lr", value: 0.1, n_runs: 3, by_status: { completed: 3 }, metrics: { loss } },
  ];
  server.columns = {
    metrics: [{ key: "loss", kind: "number", n_runs: 1 }],
    config: [{ key: "lr", kind: "number", n_runs: 1 }],
    tags: [],
    labels: [],
  };
  show();
  await screen.findByText("brave");

  fireEvent.click(screen.getByRole("button", { name: "Group" }));
  fireEvent.click(screen.getByRole("button", { name: /^config.lr/ }));
  await screen.findByText("n = 3");

  expect(cellsOf("n = 3")).toEqual(expect.arrayContaining(["3 completed", "0.25 ± 0.012"]));
  expect(screen.getByText("1 group")).toBeTruthy();
  fireEvent.click(screen.getByRole("button", { name: "0.1: show its runs" }));
  await screen.findByText("brave");
  expect(server.listed().at(-1)?.searchParams.get("filter")).toBe("config.lr = 0.1");
});

test("chosen runs go to the trash, and Undo brings them back", async () => {
  server.runs = [aRun("brave"), aRun("calm")];
  show();
  fireEvent.click(await screen.findByRole("checkbox", { name: "Select brave" }));
  const bar = screen.getByRole("region", { name: "Selected runs" });

  expect(bar.textContent).toContain("1 selected");
  fireEvent.click(within(bar).getByRole("button", { name: "Delete" }));
  await waitFor(() => expect(screen.queryByText("brave")).toBeNull());
  fireEvent.click(await screen.findByRole("button", { name: "Undo" }));

  await screen.findByText("brave");
  expect(server.acts).toEqual([
    { action: "delete", runs: ["id-brave"] },
    { action: "restore", runs: ["id-brave"] },
  ]);
});

test("chosen runs are tagged, and what failed is told", async () => {
  server.runs = [aRun("brave"), aRun("calm")];
  show();
  fireEvent.click(await screen.findByRole("checkbox", { name: "Select brave" }));
  server.failures = [{ id: "id-brave", code: "conflict", detail: "the run is another's" }];

  fireEvent.click(screen.getByRole("button", { name: "Tag" }));
  fireEvent.input(screen.getByLabelText("Tag"), { target: { value: "paper" } });
  fireEvent.submit(screen.getByLabelText("Tag"));

  expect(await screen.findByText(/The run is another's/)).toBeTruthy();
  expect(server.acts).toEqual([{ action: "tag", runs: ["id-brave"], value: "paper" }]);
});

test("a run under way moves as the stream says; one that ended is not watched", async () => {
  server.runs = [aRun("swift", { status: "running" }), aRun("slow")];
  show();
  await screen.findByText("swift");
  await waitFor(() => expect(stream.watchers.has("id-swift")).toBe(true));
  const watcher = stream.watchers.get("id-swift");
  const frame = { type: "columns" as const, run: "id-swift", seq: 2, names: ["loss"] };

  watcher?.onColumns?.([{ ...frame, step: [1, 2], wall_ms: [1, 2], values: [[0.2, 0.125]] }]);
  watcher?.onStatus?.({ status: "stopping", completed_at: null, reason: "", stop_requested: true });

  expect(cellsOf("swift")).toEqual(expect.arrayContaining(["0.125", "stopping"]));
  expect(cellsOf("slow")).toEqual(expect.arrayContaining(["0.25", "completed"]));
  expect([...stream.watchers.keys()]).toEqual(["id-swift"]);
});

test("a long list says how long it is, is read as far as one looks, and tells of newer runs", async () => {
  server.runs = Array.from({ length: 500 }, (_, i) => aRun(`n${i}`));
  show();
  await screen.findByText("500 runs");
  const newest = ["training", "runs", "newest"];
  await waitFor(() =>
    expect(queryClient.getQueriesData({ queryKey: newest })[0]?.[1]).toBe("id-n0"),
  );
  expect(screen.getByText("n499")).toBeTruthy();
  expect(screen.queryByRole("button", { name: /newer runs/i })).toBeNull();

  server.runs.unshift(aRun("swift"));
  await queryClient.refetchQueries({ queryKey: newest });
  fireEvent.click(await screen.findByRole("button", { name: /newer runs/i }));

  expect(await screen.findByText("swift")).toBeTruthy();
});
