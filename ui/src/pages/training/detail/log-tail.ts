import { createSignal } from "solid-js";
import { api, unwrap } from "~/api/client";
import { watchRun } from "~/api/live";
import type { LogEntry, LogPage } from "~/api/types";

const AT_FIRST = 2_000;
const AT_MOST = 20_000;

export interface LogTail {
  lines: () => readonly LogEntry[];
  state: () => "loading" | "ready";
  error: () => unknown;
  reload: () => Promise<void>;
  close: () => void;
}

/** The last lines of a run's log that contain `text`, then every new one. */
export function openLogTail(run: string, text: string): LogTail {
  const [lines, setLines] = createSignal<readonly LogEntry[]>([]);
  const [state, setState] = createSignal<"loading" | "ready">("loading");
  const [error, setError] = createSignal<unknown>(null);
  const wanted = text.toLowerCase();
  let early: LogEntry[] = [];
  /** Up to which line nothing is missing. */
  let reached = 0;
  let isClosed = false;

  const add = (more: readonly LogEntry[]): void => {
    const fresh = more.filter((line) => line.message.toLowerCase().includes(wanted));
    setLines((known) => merged(known, fresh));
  };
  const read = (after: number): Promise<LogPage> =>
    unwrap(
      api.GET("/api/training/runs/{run_id}/logs", {
        params: {
          path: { run_id: run },
          query: { after, limit: AT_FIRST, ...(text ? { q: text } : {}) },
        },
      }),
    );
  const readTail = async (): Promise<void> => {
    const page = await read(-1);
    if (isClosed) return;
    setLines(page.items);
    setState("ready");
    add(early);
    early = [];
  };
  // What was written before the subscription, or while the connection was lost, no frame brings.
  const readOn = async (): Promise<void> => {
    if (state() === "loading") return readTail();
    const page = await read(reached);
    if (page.next_cursor !== null) return readTail();
    if (!isClosed) add(page.items);
  };
  let reads = 0;
  let reading = Promise.resolve();
  const inTurn = async (before: Promise<void>, next: () => Promise<void>): Promise<void> => {
    await before;
    try {
      await next();
      setError(null);
      // Lines from frames prove nothing while a read is due: there may be a hole before them.
      if (reads === 1) reached = lines().at(-1)?.seq ?? 0;
    } catch (thrown) {
      setError(thrown);
    } finally {
      reads -= 1;
    }
  };
  /** One read after the other. */
  const queue = (next: () => Promise<void>): Promise<void> => {
    reads += 1;
    reading = inTurn(reading, next);
    return reading;
  };
  const unwatch = watchRun(run, {
    onLog: (more) => {
      if (state() === "ready") add(more);
      else early.push(...more);
      if (reads === 0) reached = lines().at(-1)?.seq ?? reached;
    },
    onStatus: () => void queue(readOn),
    onGap: () => void queue(readTail),
  });
  void queue(readTail);
  return {
    lines,
    state,
    error,
    reload: () => queue(readOn),
    close: () => {
      isClosed = true;
      unwatch();
    },
  };
}

/** Lines by seq, each once, the last `AT_MOST` of them. */
function merged(known: readonly LogEntry[], more: readonly LogEntry[]): readonly LogEntry[] {
  const [first] = more;
  if (!first) return known;
  if (first.seq > (known.at(-1)?.seq ?? -1)) return [...known, ...more].slice(-AT_MOST);
  const bySeq = new Map([...known, ...more].map((line) => [line.seq, line]));
  return [...bySeq.values()].toSorted((a, b) => a.seq - b.seq).slice(-AT_MOST);
}

/** The whole log as text, read page by page. */
export async function wholeLog(run: string): Promise<string> {
  const parts: string[] = [];
  let after = 0;
  for (;;) {
    const page = await unwrap(
      api.GET("/api/training/runs/{run_id}/logs", {
        params: { path: { run_id: run }, query: { after, limit: 10_000 } },
      }),
    );
    for (const line of page.items) {
      parts.push(`${line.timestamp} ${line.level.toUpperCase().padEnd(7)} ${line.message}\n`);
    }
    if (page.next_cursor === null) return parts.join("");
    after = Number(page.next_cursor);
  }
}
