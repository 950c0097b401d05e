import { createMemoryHistory, MemoryRouter, Route } from "@solidjs/router";
import { render, screen } from "@solidjs/testing-library";
import { notifyManager, QueryClientProvider } from "@tanstack/solid-query";
import { beforeEach, expect, test, vi } from "vitest";
import type { Watcher } from "~/api/live";
import { queryClient } from "~/api/query-client";
import type { Run, SeriesSummary } from "~/api/types";
import RunPage from "./page";

const stream = vi.hoisted(() => ({ watchers: new Set<Watcher>() }));

vi.mock("~/api/live", async (original) => ({
  ...(await original<object>()),
  watchRun: (_run: string, watcher: Watcher) => {
    stream.watchers.add(watcher);
    return () => stream.watchers.delete(watcher);
  },
}));

const RUN: Run = {
  id: "r1",
  user_id: "u1",
  project: "digits",
  name: "brave",
  model_type: "mlp",
  status: "running",
  reason: "",
  config: Object.fromEntries([["total_steps", 200]]) as Run["config"],
  tags: [],
  notes: "",
  group: "",
  visibility: "private",
  stop_requested: false,
  summary: {},
  created_at: "2026-01-01T00:00:00Z",
  updated_at: "2026-01-01T00:00:00Z",
  started_at: null,
  completed_at: null,
  parent_id: null,
  fork_step: null,
  attempt: 1,
  attempt_key: "",
  definitions: {},
  launch: null,
  thinned_at: null,
  deleted_at: null,
};
const LOSS: SeriesSummary = {
  name: "loss",
  n_points: 50,
  last_step: 49,
  last_value: 0.5,
  lowest: 0.25,
  highest: 2,
};

/** The packed answer to a series query: no series, the stream goes on after 7. */
function emptyFrame(): ArrayBuffer {
  const head = JSON.stringify({ arrays: [], series: [], cursors: { r1: 7 } }).padEnd(56);
  const frame = new Uint8Array(8 + head.length);
  frame.set(new TextEncoder().encode(`AXC1____${head}`));
  new DataView(frame.buffer).setUint32(4, head.length, true);
  return frame.buffer;
}

function answer(path: string): Response {
  if (path.endsWith("/series")) return Response.json({ items: [LOSS] });
  if (path.endsWith("/query")) return new Response(emptyFrame());
  return Response.json(RUN);
}

/** Everything is in view. */
class Seeing {
  readonly callback: (entries: object[]) => void;
  constructor(callback: (entries: object[]) => void) {
    this.callback = callback;
  }
  observe(): void {
    this.callback([{ isIntersecting: true, contentRect: { width: 0 } }]);
  }
  disconnect(): void {}
}

beforeEach(() => {
  stream.watchers.clear();
  queryClient.clear();
  vi.stubGlobal("fetch", (request: Request) =>
    Promise.resolve(answer(new URL(request.url).pathname)),
  );
  vi.stubGlobal("IntersectionObserver", Seeing);
  vi.stubGlobal("ResizeObserver", Seeing);
});

function open(address: string): void {
  const history = createMemoryHistory();
  history.set({ value: address });
  render(() => (
    <QueryClientProvider client={queryClient}>
      <MemoryRouter history={history}>
        <Route path="/training/:id" component={RunPage} />
      </MemoryRouter>
    </QueryClientProvider>
  ));
}

function logged(step: number, value: number, name = "loss"): void {
  const frame = { type: "columns" as const, run: "r1", seq: step, names: [name] };
  for (const watcher of stream.watchers) {
    watcher.onColumns?.([{ ...frame, step: [step], wall_ms: [step], values: [[value]] }]);
  }
}

/** What the cache learned has reached the page. */
function toldObservers(): Promise<void> {
  return new Promise((resolve) => {
    notifyManager.schedule(() => setTimeout(resolve));
  });
}

async function watching(): Promise<void> {
  await vi.waitFor(() =>
    expect([...stream.watchers].some((watcher) => watcher.onColumns)).toBe(true),
  );
}

test("new points move the figures: progress, last and best value", async () => {
  open("/training/r1");
  await watching();
  expect(await screen.findByText("50 of 200 steps")).toBeTruthy();

  logged(99, 0.125);

  expect(await screen.findByText("100 of 200 steps")).toBeTruthy();
  expect(screen.getByText("50 %")).toBeTruthy();
  expect(screen.getByText("best 0.125")).toBeTruthy();
});

test("new points go into the charts there are: no chart is built anew", async () => {
  open("/training/r1?tab=charts");
  const chart = await screen.findByRole("article", { name: "loss" });
  await watching();

  logged(50, 0.4);
  await toldObservers();

  expect(await screen.findByRole("img", { name: "loss. loss: 1 point, last 0.4" })).toBeTruthy();
  expect(screen.getByRole("article", { name: "loss" })).toBe(chart);
});
