import { beforeEach, expect, test, vi } from "vitest";
import type { SeriesFrame } from "~/api/columns";
import type { Watcher } from "~/api/live";
import { runLines } from "./overlay-lines";
import { RunsStore } from "./runs-store";

const server = vi.hoisted(() => ({
  asked: [] as Record<string, unknown>[],
  answers: [] as ((frame: SeriesFrame) => void)[],
  watchers: new Map<string, Watcher>(),
}));

vi.mock("~/api/client", () => ({
  fetchApi: (_path: string, init: { body: string }) => {
    server.asked.push(JSON.parse(init.body) as Record<string, unknown>);
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
  watchRun: (run: string, watcher: Watcher) => {
    server.watchers.set(run, watcher);
    return () => server.watchers.delete(run);
  },
}));

const RUNS = [
  { id: "a", started_ms: 1_000 },
  { id: "b", started_ms: 5_000 },
];

beforeEach(() => {
  vi.useFakeTimers();
  server.asked.length = 0;
  server.answers.length = 0;
});

async function answered(frame: SeriesFrame): Promise<void> {
  await vi.advanceTimersByTimeAsync(200);
  server.answers.shift()?.(frame);
  await vi.advanceTimersByTimeAsync(0);
}

/** A frame of `loss` of run `b`, a point a second from its start. */
function aFrame(values: number[], average?: number[]): SeriesFrame {
  const column = (of: (i: number) => number) => Float64Array.from(values, (_, i) => of(i));
  return {
    cursors: { a: 1, b: 1 },
    series: [
      {
        run: "b",
        name: "loss",
        isExact: false,
        step: column((i) => i),
        value: Float64Array.from(values),
        wallMs: column((i) => 5_000 + i * 1_000),
        ...(average ? { average: Float64Array.from(average) } : {}),
      },
    ],
  };
}

test("the average is the server's, over every logged point", async () => {
  const store = new RunsStore(RUNS, []);
  store.need("loss", 500);
  store.setSmoothing(0.9);
  await answered(aFrame([1, 3]));
  await answered(aFrame([1, 3], [1, 1.25]));

  const run = { id: "b", name: "run b", started_ms: 5_000 };
  const look = { run, index: 0, color: 0, dash: 0 } as never;
  const [line] = runLines("loss", store, [look], { axis: "step", smoothing: 0.9 });

  expect(server.asked.at(-1)?.["smoothing"]).toEqual({ kind: "ema", weight: 0.9 });
  expect([...(line?.y ?? [])]).toEqual([1, 1.25]);
});

test("a slider that moves asks once, when it rests", async () => {
  const store = new RunsStore(RUNS, []);
  store.need("loss", 500);
  await answered(aFrame([1]));
  for (const weight of [0.2, 0.5, 0.8]) store.setSmoothing(weight);
  await answered(aFrame([1], [1]));

  expect(server.asked.map((one) => one["smoothing"])).toEqual([
    undefined,
    { kind: "ema", weight: 0.8 },
  ]);
});

test("a stretch since the start is asked for from each run's own start", async () => {
  const store = new RunsStore(RUNS, []);
  store.setWindow({ kind: "since", first: 500, last: 3_000 });
  store.need("loss", 500);
  await answered(aFrame([1]));

  expect(server.asked[0]).toMatchObject({
    runs: ["a", "b"],
    first_wall_ms: 500,
    last_wall_ms: 3_000,
    starts_ms: [1_000, 5_000],
  });
});

test("what comes live outside of the stretch is not drawn", async () => {
  const store = new RunsStore(RUNS, ["b"]);
  store.setWindow({ kind: "since", first: 0, last: 3_500 });
  store.need("loss", 500);
  await answered(aFrame([1, 2, 3]));
  const frame = { type: "columns" as const, run: "b", seq: 2, names: ["loss"] };
  server.watchers
    .get("b")
    ?.onColumns?.([{ ...frame, step: [3, 4], wall_ms: [8_000, 9_000], values: [[4, 5]] }]);

  expect([...(store.series("loss")?.get("b")?.points.values() ?? [])]).toEqual([1, 2, 3, 4]);
});
