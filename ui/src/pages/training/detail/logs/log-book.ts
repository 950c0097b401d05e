import { createSignal } from "solid-js";
import { watchRun } from "~/api/live";
import type { LogEntry } from "~/api/types";
import { readLog } from "./read";

const PAGE = 500;
const MOST_PAGES = 60;

export interface LogBook {
  /** The number of the last line; null before the first answer. */
  total: () => number | null;
  /** Line `seq`, counted from 1; undefined until `need` has brought it. */
  line: (seq: number) => LogEntry | undefined;
  /** Say which lines are in view: what is missing of them is read. */
  need: (first: number, last: number) => void;
  error: () => unknown;
  reload: () => void;
  close: () => void;
}

/**
 * A run's whole log by line number, however long: pages are read as they come into view and let go
 * when many others did; new lines arrive live. A hole (lines of a lost connection) is a page that
 * is not full, and is read when it comes into view.
 */
export function openLogBook(run: string): LogBook {
  const [total, setTotal] = createSignal<number | null>(null);
  const [error, setError] = createSignal<unknown>(null);
  const [version, setVersion] = createSignal(0);
  const pages = new Map<number, Map<number, LogEntry>>();
  const reading = new Set<number>();
  let view: [first: number, last: number] = [0, -1];
  let isClosed = false;

  const keep = (lines: readonly LogEntry[]): void => {
    for (const line of lines) {
      const number = pageOf(line.seq);
      const page = pages.get(number) ?? new Map<number, LogEntry>();
      pages.delete(number); // the newest last: the first are the first to go
      pages.set(number, page.set(line.seq, line));
    }
    const last = lines.at(-1)?.seq ?? 0;
    setTotal((known) => Math.max(known ?? 0, last));
    for (const number of pages.keys()) {
      if (pages.size <= MOST_PAGES) break;
      if (number < pageOf(view[0]) || number > pageOf(view[1])) pages.delete(number);
    }
    setVersion((now) => now + 1);
    fill();
  };
  const read = async (number: number | "end"): Promise<void> => {
    const key = number === "end" ? -1 : number;
    if (reading.has(key)) return;
    reading.add(key);
    try {
      const answer = await readLog(run, number === "end" ? -1 : number * PAGE, PAGE);
      if (isClosed) return;
      setError(null);
      keep(answer.items);
    } catch (thrown) {
      setError(thrown);
    } finally {
      reading.delete(key);
    }
  };
  const fill = (): void => {
    const end = total() ?? 0;
    if (view[1] < view[0] || error() !== null) return;
    for (let number = pageOf(view[0]); number <= pageOf(Math.min(view[1], end)); number += 1) {
      const expected = Math.min(PAGE, end - number * PAGE);
      if ((pages.get(number)?.size ?? 0) < expected) void read(number);
    }
  };
  const unwatch = watchRun(run, {
    onLog: keep,
    // What was written before the subscription, or while the connection was lost, no frame brings.
    onStatus: () => void read("end"),
    onGap: () => void read("end"),
  });
  void read("end");
  return {
    total,
    line: (seq) => (version(), pages.get(pageOf(seq))?.get(seq)),
    need: (first, last) => {
      view = [Math.max(1, first), last];
      fill();
    },
    error,
    reload: () => void read("end"),
    close: () => {
      isClosed = true;
      unwatch();
    },
  };
}

function pageOf(seq: number): number {
  return Math.floor((Math.max(1, seq) - 1) / PAGE);
}
