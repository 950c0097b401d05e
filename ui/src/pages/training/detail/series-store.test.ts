import { createRoot } from "solid-js";
import { beforeEach, expect, test, vi } from "vitest";
import type { SeriesFrame } from "~/api/columns";
import type { ColumnsFrame, Watcher } from "~/api/live";
import { needLines, placed } from "./chart-lines";
import { SeriesStore } from "./series-store";

interface Asked {
  names: string[];
  width: number;
  first_step?: number;
  last_step?: number;
  first_wall_ms?: number;
  last_wall_ms?: number;
  x?: { metric: string };
}

const server = vi.hoisted(() => ({
  asked: [] as Asked[],
  answers: [] as ((frame: SeriesFrame) => void)[],
  watcher: null as Watcher | null,
  since: undefined as number | undefined,
}));

vi.mock("~/api/client", () => ({
  fetchApi: (_path: string, init: { body: string }) => {
    server.asked.push(JSON.parse(init.body) as Asked);
    return new Promise((resolve) => {
      server.answers.push((frame) => resolve({ arrayBuffer: () => Promise.resolve(frame) }));
    });
  },
}));
vi.mock("~/api/columns", () => ({
  COLUMNS_TYPE: "application/vnd.axonml.columns",
  decodeSeries: (frame: unknown) => frame,
}));
vi.mock("~/api/live", () => ({
  numberOf: Number,
  watchRun: (_run: string, watcher: Watcher, since?: number) => {
    server.watcher = watcher;
    server.since = since;
    return () => {
      server.watcher = null;
    };
  },
}));

function aFrame(cursor: number, points: Record<string, number[]>): SeriesFrame {
  return {
    cursors: { r1: cursor },
    series: Object.entries(points).map(([name, at]) => ({
      run: "r1",
      name,
      isExact: true,
      step: Float64Array.from(at),
      value: Float64Array.from(at, (step) => step / 10),
      wallMs: Float64Array.from(at, (step) => 1_000 + step),
    })),
  };
}

function aBatch(seq: number, at: number[], names = ["loss"]): ColumnsFrame {
  return {
    type: "columns",
    run: "r1",
    seq,
    names,
    step: at,
    wall_ms: at.map((step) => 1_000 + step),
    values: names.map(() => at.map((step) => step / 10)),
  };
}

async function answer(frame: SeriesFrame): Promise<void> {
  await vi.waitFor(() => expect(server.answers.length).toBeGreaterThan(0));
  server.answers.shift()?.(frame);
  await new Promise((done) => setTimeout(done, 0));
}

function steps(store: SeriesStore, name = "loss"): number[] {
  return [...(store.series(name)?.points.steps() ?? [])];
}

function aStore(): SeriesStore {
  return createRoot(() => new SeriesStore("r1"));
}

beforeEach(() => {
  server.asked = [];
  server.answers = [];
  server.watcher = null;
  server.since = undefined;
});

test("charts that appear together share one request, at the width of the widest", async () => {
  const store = aStore();

  store.need("loss", 400);
  store.need("acc", 900);
  await answer(aFrame(3, { loss: [1, 2], acc: [2] }));

  expect(server.asked).toEqual([{ runs: ["r1"], names: ["loss", "acc"], width: 900 }]);
  expect([steps(store, "loss"), steps(store, "acc")]).toEqual([[1, 2], [2]]);
});

test("the stream goes on where history ended", async () => {
  const store = aStore();
  store.need("loss", 400);
  await answer(aFrame(3, { loss: [1, 2] }));

  server.watcher?.onColumns?.([aBatch(4, [3, 4])]);

  expect(server.since).toBe(3);
  expect(steps(store)).toEqual([1, 2, 3, 4]);
});

test("points that come while history is read are neither lost nor doubled", async () => {
  const store = aStore();
  store.need("loss", 400);
  await answer(aFrame(1, { loss: [1] }));
  store.need("acc", 400);
  await vi.waitFor(() => expect(server.answers.length).toBe(1));

  server.watcher?.onColumns?.([aBatch(2, [2], ["loss", "acc"]), aBatch(3, [3], ["loss", "acc"])]);
  await answer(aFrame(2, { acc: [1, 2] }));

  expect(steps(store, "acc")).toEqual([1, 2, 3]);
  expect(steps(store, "loss")).toEqual([1, 2, 3]);
});

test("a window is asked for in full detail, and live points outside it stay out", async () => {
  const store = aStore();
  store.need("loss", 400);
  await answer(aFrame(1, { loss: [1, 50, 100] }));

  store.setWindow({ first: 40, last: 60 });
  await answer(aFrame(1, { loss: [40, 50, 60] }));
  server.watcher?.onColumns?.([aBatch(2, [101])]);

  expect(server.asked.at(-1)).toMatchObject({ first_step: 40, last_step: 60 });
  expect(steps(store)).toEqual([40, 50, 60]);
});

test("an answer for a window that was left meanwhile is not shown", async () => {
  const store = aStore();
  store.need("loss", 400);
  await answer(aFrame(1, { loss: [1, 50, 100] }));

  store.setWindow({ first: 40, last: 60 });
  await vi.waitFor(() => expect(server.answers.length).toBe(1));
  store.setWindow(null);
  await vi.waitFor(() => expect(server.answers.length).toBe(2));
  server.answers[1]?.(aFrame(1, { loss: [1, 50, 100] }));
  await answer(aFrame(1, { loss: [40, 50, 60] }));

  expect(steps(store)).toEqual([1, 50, 100]);
});

test("a window of wall time is asked for as such, and live points outside it stay out", async () => {
  const store = aStore();
  store.need("loss", 400);
  await answer(aFrame(1, { loss: [1, 50] }));

  store.setWindow({ first: 1_010, last: 1_060, isWall: true });
  await answer(aFrame(1, { loss: [50] }));
  server.watcher?.onColumns?.([aBatch(2, [55, 101])]);

  expect(server.asked.at(-1)).toMatchObject({ first_wall_ms: 1_010, last_wall_ms: 1_060 });
  expect(server.asked.at(-1)).not.toHaveProperty("first_step");
  expect(steps(store)).toEqual([50, 55]);
});

test("over another metric exact series are joined here, thinned ones by the server", async () => {
  const store = aStore();
  const axis = { value: "step", metric: "tokens", label: "tokens", kind: "number" } as const;
  const xs = (): number[] => [...(placed("loss", store, axis, 0)?.x ?? [])];
  needLines(["loss"], store, axis, 400);
  const whole = aFrame(1, { loss: [1, 2, 3], tokens: [1, 3] });
  await answer(whole);
  needLines(["loss"], store, axis, 400);
  expect(xs()).toEqual([0.1, 0.3]);
  expect(server.asked).toHaveLength(1);

  store.reload();
  for (const series of whole.series) series.isExact = false;
  await answer(whole);
  needLines(["loss"], store, axis, 400);
  const joined = aFrame(1, { loss: [1, 2] });
  for (const series of joined.series) series.x = Float64Array.of(7, 8);
  await answer(joined);
  server.watcher?.onColumns?.([aBatch(2, [4], ["loss", "tokens"])]);

  expect(server.asked.at(-1)).toMatchObject({ names: ["loss"], x: { metric: "tokens" } });
  // After what the server joined goes on what is known of later steps.
  expect(xs()).toEqual([7, 8, 0.3, 0.4]);
});

test("after a gap history is read again", async () => {
  const store = aStore();
  store.need("loss", 400);
  await answer(aFrame(1, { loss: [1] }));

  server.watcher?.onGap?.();
  await answer(aFrame(9, { loss: [1, 2, 3] }));

  expect(steps(store)).toEqual([1, 2, 3]);
});

test("a metric that the script begins to log later is told by name", async () => {
  const store = aStore();
  store.need("loss", 400);
  await answer(aFrame(1, { loss: [1] }));

  server.watcher?.onColumns?.([aBatch(2, [2], ["loss", "val/loss"])]);

  expect(store.newNames()).toEqual(["val/loss"]);
});

test("a run without any chart is listened to from its first point", () => {
  createRoot((dispose) => {
    const store = new SeriesStore("r1");

    store.listen();
    server.watcher?.onColumns?.([aBatch(1, [0], ["loss"])]);

    expect(server.since).toBe(0);
    expect(store.newNames()).toEqual(["loss"]);
    store.close();
    expect(server.watcher).toBeNull();
    dispose();
  });
});
