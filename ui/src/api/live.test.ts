import { afterEach, beforeEach, expect, test, vi } from "vitest";
import type { ColumnsFrame, watchRun, Watcher } from "./live";

/** A socket that the test plays the server of. */
class FakeSocket extends EventTarget {
  static readonly OPEN = 1;
  static all: FakeSocket[] = [];
  readyState = 0;
  readonly sent: unknown[] = [];
  readonly url: string;
  readonly protocols: string[];

  constructor(url: string, protocols: string[]) {
    super();
    this.url = url;
    this.protocols = protocols;
    FakeSocket.all.push(this);
  }

  send(text: string): void {
    this.sent.push(JSON.parse(text));
  }

  close(): void {
    this.readyState = 3;
  }

  open(): void {
    this.readyState = FakeSocket.OPEN;
    this.dispatchEvent(new Event("open"));
  }

  say(...frames: object[]): void {
    for (const frame of frames) {
      this.dispatchEvent(new MessageEvent("message", { data: JSON.stringify(frame) }));
    }
  }

  drop(code = 1006): void {
    this.readyState = 3;
    this.dispatchEvent(Object.assign(new Event("close"), { code }));
  }
}

let watch: typeof watchRun;
const renew = vi.fn<() => Promise<unknown>>();

function aWatcher() {
  return {
    onStatus: vi.fn<NonNullable<Watcher["onStatus"]>>(),
    onLog: vi.fn<NonNullable<Watcher["onLog"]>>(),
    onGap: vi.fn<NonNullable<Watcher["onGap"]>>(),
  };
}

/** The newest connection, made if need be. */
async function socket(): Promise<FakeSocket> {
  await vi.advanceTimersByTimeAsync(30_000);
  const newest = FakeSocket.all.at(-1);
  if (!newest) throw new Error("no socket was opened");
  return newest;
}

function points(seq: number, step: number): object {
  return {
    type: "columns",
    run: "r1",
    seq,
    names: ["loss"],
    step: [step],
    wall_ms: [1],
    values: [[0.5]],
  };
}

beforeEach(async () => {
  vi.useFakeTimers();
  vi.resetModules();
  FakeSocket.all = [];
  renew.mockReset().mockResolvedValue({ token: "t2" });
  vi.doMock("./access", () => ({ freshToken: () => Promise.resolve("t1"), renew }));
  vi.stubGlobal("WebSocket", FakeSocket);
  vi.stubGlobal("requestAnimationFrame", (run: FrameRequestCallback) => setTimeout(run, 16));
  ({ watchRun: watch } = await import("./live"));
});

afterEach(() => {
  vi.useRealTimers();
  vi.doUnmock("./access");
});

test("one connection carries every run; the token is no part of the address", async () => {
  watch("r1", {}, 5);
  watch("r2", {});
  const connection = await socket();
  connection.open();

  expect(FakeSocket.all).toHaveLength(1);
  expect(connection.protocols).toEqual(["axon.v1", "bearer.t1"]);
  expect(connection.url).toBe("ws://localhost:3000/api/training/stream");
  expect(connection.sent).toEqual([{ subscribe: [{ run: "r1", since: 5 }, "r2"] }]);
});

test("what came within one animation frame is handed over at once, in order", async () => {
  const onColumns = vi.fn<(frames: readonly ColumnsFrame[]) => void>();
  watch("r1", { onColumns }, 0);
  const connection = await socket();
  connection.open();

  connection.say(points(1, 10), { type: "ping" }, points(2, 11), points(2, 12));
  expect(onColumns).not.toHaveBeenCalled();
  await vi.advanceTimersByTimeAsync(20);

  expect(onColumns).toHaveBeenCalledOnce();
  const frames = onColumns.mock.calls[0]?.[0] ?? [];
  expect(frames.map((frame) => frame.step[0])).toEqual([10, 11, 12]);
});

test("after a lost connection it goes on just before the last cursor", async () => {
  watch("r1", {}, 0);
  const first = await socket();
  first.open();
  first.say(points(7, 1), points(8, 2));
  await vi.advanceTimersByTimeAsync(20);

  first.drop();
  const second = await socket();
  second.open();

  expect(second).not.toBe(first);
  expect(second.sent).toEqual([{ subscribe: [{ run: "r1", since: 7 }] }]);
});

test("a session that ended is renewed before the next connection", async () => {
  watch("r1", {});
  const first = await socket();
  first.open();

  first.drop(4401);
  const second = await socket();

  expect(renew).toHaveBeenCalledOnce();
  expect(second).not.toBe(first);
});

test("states and lines go to who watches that run, a gap to everyone", async () => {
  const one = aWatcher();
  const other = aWatcher();
  watch("r1", one);
  watch("r2", other);
  const connection = await socket();
  connection.open();

  connection.say(
    { type: "status", run: "r1", data: { status: "completed" } },
    { type: "log", run: "r1", data: { lines: [{ seq: 1, message: "done" }] } },
    { type: "gap", data: { dropped: 3 } },
  );
  await vi.advanceTimersByTimeAsync(20);

  expect(one.onStatus).toHaveBeenCalledWith({ status: "completed" });
  expect(one.onLog).toHaveBeenCalledWith([{ seq: 1, message: "done" }]);
  expect(other.onStatus).not.toHaveBeenCalled();
  expect(one.onGap).toHaveBeenCalledOnce();
  expect(other.onGap).toHaveBeenCalledOnce();
});

test("the last one to leave closes the connection", async () => {
  const stopOne = watch("r1", {});
  const stopOther = watch("r1", {});
  const connection = await socket();
  connection.open();

  stopOne();
  expect(connection.readyState).toBe(FakeSocket.OPEN);
  stopOther();

  expect(connection.sent.at(-1)).toEqual({ unsubscribe: ["r1"] });
  expect(connection.readyState).toBe(3);
});

test("a watcher's cursor counts although another watched first, before anything was open", async () => {
  watch("r1", {});
  watch("r1", {}, 7);
  const connection = await socket();
  connection.open();

  expect(connection.sent).toEqual([{ subscribe: [{ run: "r1", since: 7 }] }]);
});

test("tries wait ever longer, with jitter, and never beyond twenty seconds", async () => {
  watch("r1", {});
  (await socket()).open();
  const waits: number[] = [];

  for (let i = 0; i < 9; i += 1) {
    const before = FakeSocket.all.length;
    FakeSocket.all.at(-1)?.drop();
    let waited = 0;
    while (FakeSocket.all.length === before) {
      await vi.advanceTimersByTimeAsync(50);
      waited += 50;
    }
    waits.push(waited);
  }

  expect(waits[0]).toBeLessThanOrEqual(1_050);
  expect(Math.max(...waits)).toBeLessThanOrEqual(20_050);
  expect(Math.min(...waits.slice(6))).toBeGreaterThan(waits[0] ?? 0);
});

test("who stopped watching hears nothing, even of what had arrived", async () => {
  const onColumns = vi.fn<(frames: readonly ColumnsFrame[]) => void>();
  const stop = watch("r1", { onColumns });
  watch("r2", {});
  const connection = await socket();
  connection.open();
  connection.say(points(1, 1));

  stop();
  await vi.advanceTimersByTimeAsync(20);

  expect(onColumns).not.toHaveBeenCalled();
});
