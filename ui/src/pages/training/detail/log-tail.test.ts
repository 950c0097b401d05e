import { beforeEach, expect, test, vi } from "vitest";
import type { Watcher } from "~/api/live";
import type { LogEntry, LogPage } from "~/api/types";
import { openLogTail } from "./log-tail";

const stream = vi.hoisted(() => ({ watcher: {} as Watcher, isWatched: false }));

vi.mock("~/api/live", () => ({
  watchRun: (_run: string, watcher: Watcher) => {
    stream.watcher = watcher;
    stream.isWatched = true;
    return () => {
      stream.isWatched = false;
    };
  },
}));

function line(seq: number, message = `line ${seq}`): LogEntry {
  return { seq, timestamp: "2026-01-01T00:00:00Z", level: "info", message };
}

const STATUS = {
  status: "running",
  completed_at: null,
  reason: "",
  stop_requested: false,
} as const;

let log: LogEntry[] = [];
let asked: string[] = [];
let isDown = false;

/** The server's log: what `after`, `limit` and `q` ask for. */
function answer(url: URL): LogPage {
  const after = Number(url.searchParams.get("after"));
  const limit = Number(url.searchParams.get("limit"));
  const found = log.filter((one) => one.message.includes(url.searchParams.get("q") ?? ""));
  if (after < 0) return { items: found.slice(-limit), next_cursor: null };
  const rest = found.filter((one) => one.seq > after);
  const items = rest.slice(0, limit);
  return { items, next_cursor: rest.length > limit ? String(items.at(-1)?.seq) : null };
}

beforeEach(() => {
  log = [line(1), line(2)];
  asked = [];
  isDown = false;
  vi.stubGlobal("fetch", async (input: Request) => {
    const url = new URL(input.url);
    asked.push(url.searchParams.get("after") ?? "");
    if (isDown) throw new TypeError("connection refused");
    return Response.json(answer(url));
  });
});

const seqs = (tail: { lines: () => readonly LogEntry[] }): number[] =>
  tail.lines().map((one) => one.seq);

async function opened(text = "") {
  const tail = openLogTail("r1", text);
  await vi.waitFor(() => expect(tail.state()).toBe("ready"));
  return tail;
}

test("the tail shows the last lines, then each new one once", async () => {
  const tail = await opened();

  stream.watcher.onLog?.([line(2), line(3)]);

  expect(seqs(tail)).toEqual([1, 2, 3]);
});

test("a line written between the answer and the subscription is read when the stream stands", async () => {
  const tail = await opened();
  log.push(line(3));

  stream.watcher.onStatus?.(STATUS);
  stream.watcher.onLog?.([line(4)]); // before the read has been answered
  log.push(line(4));

  await vi.waitFor(() => expect(seqs(tail)).toEqual([1, 2, 3, 4]));
  expect(asked).toEqual(["-1", "2"]);
});

test("after a lost connection the tail reads on from the last line it had", async () => {
  const tail = await opened();
  stream.watcher.onStatus?.(STATUS);
  await vi.waitFor(() => expect(asked).toHaveLength(2));
  await tail.reload();
  log.push(line(3), line(4), line(5));
  stream.watcher.onLog?.([line(3)]);

  stream.watcher.onStatus?.(STATUS); // the answer to the new subscription

  await vi.waitFor(() => expect(seqs(tail)).toEqual([1, 2, 3, 4, 5]));
  expect(asked.at(-1)).toBe("3");
});

test("after an absence longer than one page the tail begins anew, without a hole", async () => {
  const tail = await opened();
  log.push(...Array.from({ length: 5_000 }, (_, i) => line(i + 3)));

  stream.watcher.onStatus?.(STATUS);

  await vi.waitFor(() => expect(seqs(tail).at(-1)).toBe(5_002));
  expect(seqs(tail)).toEqual(Array.from({ length: 2_000 }, (_, i) => i + 3_003));
});

test("a search keeps lines without its words out, also live ones", async () => {
  log = [line(1, "epoch 1"), line(2, "saved")];
  const tail = await opened("epoch");

  stream.watcher.onLog?.([line(3, "Epoch 2"), line(4, "saved")]);

  expect(seqs(tail)).toEqual([1, 3]);
});

test("a failed read is told and can be tried again", async () => {
  isDown = true;
  const tail = openLogTail("r1", "");
  await vi.waitFor(() => expect(tail.error()).not.toBeNull());
  isDown = false;

  await tail.reload();

  expect(tail.error()).toBeNull();
  expect(seqs(tail)).toEqual([1, 2]);
});

test("a closed tail watches no more", async () => {
  const tail = await opened();

  tail.close();

  expect(stream.isWatched).toBe(false);
});
