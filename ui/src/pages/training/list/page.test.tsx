import { MemoryRouter, Route } from "@solidjs/router";
import { fireEvent, render, screen, waitFor, within } from "@solidjs/testing-library";
import { QueryClientProvider } from "@tanstack/solid-query";
import { beforeEach, expect, test, vi } from "vitest";
import type { Watcher } from "~/api/live";
import { queryClient } from "~/api/query-client";
import type { Run } from "~/api/types";
import RunsPage from "./page";

const server = vi.hoisted(() => ({ asked: [] as URL[], runs: [] as unknown[] }));
const stream = vi.hoisted(() => ({ watchers: new Map<string, Watcher>() }));

// No layout in jsdom, so nothing would be in view: the first rows and the last are.
vi.mock("@tanstack/solid-virtual", () => ({
  createWindowVirtualizer: (options: { count: number }) => ({
    getVirtualItems: () =>
      Array.from({ length: options.count }, (_, index) => ({ index, start: index * 56 })).filter(
        ({ index }) => index < 4 || index === options.count - 1,
      ),
    getTotalSize: () => options.count * 56,
    scrollToIndex: () => {},
  }),
}));
vi.mock("~/api/live", () => ({
  watchRun: (run: string, watcher: Watcher) => {
    stream.watchers.set(run, watcher);
    return () => stream.watchers.delete(run);
  },
}));

function aRun(name: string, more: Partial<Run> = {}): Run {
  return {
    id: `id-${name}`,
    user_id: "u1",
    project: "digits",
    name,
    model_type: "mlp",
    status: "completed",
    reason: "",
    config: {},
    tags: [],
    notes: "",
    group: "",
    visibility: "private",
    stop_requested: false,
    summary: { loss: 0.25 },
    created_at: "2026-01-01T00:00:00Z",
    updated_at: "2026-01-01T00:00:00Z",
    started_at: null,
    completed_at: null,
    ...more,
  };
}

function show(): void {
  render(() => (
    <QueryClientProvider client={queryClient}>
      <MemoryRouter>
        <Route path="/" component={RunsPage} />
        <Route path="/training/:id" component={() => <p>one run</p>} />
      </MemoryRouter>
    </QueryClientProvider>
  ));
}

/** The server's page: `limit` runs from `cursor` on. */
function pageOf(url: URL): { items: unknown[]; next_cursor: string | null } {
  const from = Number(url.searchParams.get("cursor") ?? 0);
  const to = from + Number(url.searchParams.get("limit"));
  return {
    items: server.runs.slice(from, to),
    next_cursor: to < server.runs.length ? String(to) : null,
  };
}

function cellsOf(name: string): (string | null)[] {
  const row = screen.getByText(name).closest<HTMLElement>("[role=row]");
  return within(row ?? document.body)
    .getAllByRole("cell")
    .map((cell) => cell.textContent);
}

beforeEach(() => {
  stream.watchers.clear();
  server.asked = [];
  server.runs = [];
  queryClient.clear();
  vi.stubGlobal("fetch", (request: Request) => {
    server.asked.push(new URL(request.url));
    return Promise.resolve(Response.json(pageOf(new URL(request.url))));
  });
});

test("without runs the page says what fills it", async () => {
  show();

  expect(await screen.findByText("No runs yet")).toBeTruthy();
  expect(screen.getByText("axon demo")).toBeTruthy();
});

test("a run shows its state and its last values, NaN included", async () => {
  server.runs = [aRun("brave", { summary: { loss: "NaN", accuracy: 0.98765 } })];
  show();

  const row = (await screen.findByText("brave")).closest<HTMLElement>("[role=row]");

  expect(row).not.toBeNull();
  const cells = within(row ?? document.body).getAllByRole("cell");
  expect(cells.map((cell) => cell.textContent)).toEqual(
    expect.arrayContaining(["completed", "digits", "NaN", "0.9877"]),
  );
});

test("state, search and order are asked of the server", async () => {
  server.runs = [aRun("brave")];
  show();
  await screen.findByText("brave");

  fireEvent.click(screen.getByRole("button", { name: "failed" }));
  fireEvent.click(screen.getByRole("button", { name: "Run" }));
  fireEvent.input(screen.getByRole("searchbox"), { target: { value: "owl" } });

  await waitFor(() => {
    const last = server.asked.at(-1)?.searchParams;
    expect(last?.getAll("status")).toEqual(["failed", "lost"]);
    expect(last?.get("sort")).toBe("name");
    expect(last?.get("q")).toBe("owl");
  });
});

test("chosen runs can be deleted, and the delete taken back before anything is sent", async () => {
  server.runs = [aRun("brave"), aRun("calm")];
  show();
  fireEvent.click(await screen.findByRole("checkbox", { name: "Select brave" }));
  const bar = screen.getByRole("region", { name: "Selected runs" });

  expect(bar.textContent).toContain("1 selected");
  fireEvent.click(within(bar).getByRole("button", { name: "Delete" }));

  expect(screen.queryByText("brave")).toBeNull();
  expect(screen.getByText("calm")).toBeTruthy();
  expect(server.asked.every((url) => url.pathname === "/api/training/runs")).toBe(true);
});

test("a run under way moves as the stream says; one that ended is not watched", async () => {
  server.runs = [aRun("swift", { status: "running" }), aRun("slow")];
  show();
  await screen.findByText("swift");
  const watcher = stream.watchers.get("id-swift");
  const frame = { type: "columns" as const, run: "id-swift", seq: 2, names: ["loss"] };

  watcher?.onColumns?.([{ ...frame, step: [1, 2], wall_ms: [1, 2], values: [[0.2, 0.125]] }]);
  watcher?.onStatus?.({ status: "stopping", completed_at: null, reason: "", stop_requested: true });

  expect(cellsOf("swift")).toEqual(expect.arrayContaining(["0.125", "stopping"]));
  expect(cellsOf("slow")).toEqual(expect.arrayContaining(["0.25", "completed"]));
  expect([...stream.watchers.keys()]).toEqual(["id-swift"]);
});

test("a long list is not read again and again; it says when newer runs began", async () => {
  server.runs = Array.from({ length: 500 }, (_, i) => aRun(`n${i}`));
  show();
  await screen.findByText("500 runs");
  const newest = ["training", "runs", "newest"];
  await waitFor(() =>
    expect(queryClient.getQueriesData({ queryKey: newest })[0]?.[1]).toBe("id-n0"),
  );
  expect(screen.queryByRole("button", { name: /newer runs/i })).toBeNull();

  server.runs.unshift(aRun("swift"));
  await queryClient.refetchQueries({ queryKey: newest });
  server.asked = [];
  fireEvent.click(await screen.findByRole("button", { name: /newer runs/i }));

  expect(await screen.findByText("swift")).toBeTruthy();
  expect(server.asked[0]?.searchParams.get("cursor")).toBeNull();
});
