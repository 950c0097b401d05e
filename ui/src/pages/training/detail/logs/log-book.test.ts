import { beforeEach, expect, test, vi } from "vitest";
import type { Watcher } from "~/api/live";
import type { LogEntry, LogPage } from "~/api/types";
import { openLogBook } from "./log-book";
import { openLogSearch } from "./log-search";
import { marked } from "./marked";

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
  return { items, next_cursor: items.length === limit ? String(items.at(-1)?.seq) : null };
}

function lines(n: number): LogEntry[] {
  return Array.from({ length: n }, (_, i) => line(i + 1));
}

beforeEach(() => {
  log = lines(2);
  asked = [];
  isDown = false;
  vi.stubGlobal("fetch", async (input: Request) => {
    const url = new URL(input.url);
    asked.push(url.searchParams.get("after") ?? "");
    if (isDown) throw new TypeError("connection refused");
    return Response.json(answer(url));
  });
});

async function opened() {
  const book = openLogBook("r1");
  await vi.waitFor(() => expect(book.total()).not.toBeNull());
  return book;
}

test("a book opens at the last lines and takes each new one", async () => {
  const book = await opened();

  stream.watcher.onLog?.([line(3)]);

  expect(book.total()).toBe(3);
  expect(book.line(3)?.message).toBe("line 3");
});

test("of a long log only the pages in view are read", async () => {
  log = lines(1_000_000);
  const book = await opened();

  book.need(400_100, 400_140);

  await vi.waitFor(() => expect(book.line(400_140)?.message).toBe("line 400140"));
  expect(asked).toEqual(["-1", "400000"]);
  expect(book.line(399_999)).toBeUndefined();
});

test("pages out of view are let go, those in view are not", async () => {
  log = lines(100_000);
  const book = await opened();
  for (let page = 0; page < 80; page += 1) {
    book.need(page * 500 + 1, page * 500 + 40);
    await vi.waitFor(() => expect(book.line(page * 500 + 40)).toBeDefined());
  }

  expect(book.line(1)).toBeUndefined();
  expect(book.line(79 * 500 + 1)).toBeDefined();
});

test("lines of a lost connection are read when it stands again", async () => {
  const book = await opened();
  book.need(1, 40);
  log = lines(700);

  stream.watcher.onStatus?.(STATUS);
  book.need(1, 40);

  await vi.waitFor(() => expect(book.line(40)?.message).toBe("line 40"));
  expect(book.total()).toBe(700);
});

test("a hole before a live line is filled when it is in view", async () => {
  const book = await opened();
  log = lines(10);

  stream.watcher.onLog?.([line(10)]);
  expect(book.line(5)).toBeUndefined();
  book.need(1, 10);

  await vi.waitFor(() => expect(book.line(5)?.message).toBe("line 5"));
});

test("a failed read is told and can be tried again", async () => {
  isDown = true;
  const book = openLogBook("r1");
  await vi.waitFor(() => expect(book.error()).not.toBeNull());
  isDown = false;

  book.reload();

  await vi.waitFor(() => expect(book.error()).toBeNull());
  expect(book.total()).toBe(2);
});

test("a closed book watches no more", async () => {
  const book = await opened();

  book.close();

  expect(stream.isWatched).toBe(false);
});

test("a search comes in pages and looks on from where it ended", async () => {
  log = lines(1_200).map((one) => line(one.seq, one.seq % 3 ? "epoch" : "saved"));
  let total = 1_200;
  const search = openLogSearch("r1", { text: "epoch" }, () => total);
  await vi.waitFor(() => expect(search.isDone()).toBe(true));
  log.push(line(1_201, "epoch again"), line(1_202, "saved"));
  total = 1_202;

  search.more();

  await vi.waitFor(() => expect(search.lines()).toHaveLength(801));
  expect(search.lines().at(-1)?.seq).toBe(1_201);
  expect(asked.at(-1)).toBe("1200");
});

test("what was sought is marked across colours, letter case aside", () => {
  const pieces = [
    { text: "Loss ", styles: ["red"] },
    { text: "is low", styles: [] },
  ];

  expect(marked(pieces, "S IS")).toEqual([
    { text: "Los", styles: ["red"] },
    { text: "s ", styles: ["red", "found"] },
    { text: "is", styles: ["found"] },
    { text: " low", styles: [] },
  ]);
  expect(marked(pieces, "")).toBe(pieces);
});
