import { MemoryRouter, Route } from "@solidjs/router";
import { fireEvent, render, screen, waitFor, within } from "@solidjs/testing-library";
import { QueryClientProvider } from "@tanstack/solid-query";
import { beforeEach, expect, test, vi } from "vitest";
import { queryClient } from "~/api/query-client";
import type { Run } from "~/api/types";
import RunsPage from "./page";

const server = vi.hoisted(() => ({ asked: [] as URL[], runs: [] as unknown[] }));

// No layout in jsdom, so nothing would be in view: every row is.
vi.mock("@tanstack/solid-virtual", () => ({
  createWindowVirtualizer: (options: { count: number }) => ({
    getVirtualItems: () =>
      Array.from({ length: options.count }, (_, index) => ({ index, start: index * 56 })),
    getTotalSize: () => options.count * 56,
    scrollToIndex: () => {},
  }),
}));
vi.mock("~/api/live", () => ({ watchRun: () => () => {} }));

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

beforeEach(() => {
  server.asked = [];
  server.runs = [];
  queryClient.clear();
  vi.stubGlobal("fetch", (request: Request) => {
    server.asked.push(new URL(request.url));
    return Promise.resolve(Response.json({ items: server.runs, next_cursor: null }));
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
