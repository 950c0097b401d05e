import { createSignal, untrack } from "solid-js";
import type { LogEntry } from "~/api/types";
import { type LogFilter, readLog } from "./read";

const PAGE = 1_000;

export interface LogSearch {
  lines: () => readonly LogEntry[];
  /** Whether the search has come to the end of the log. */
  isDone: () => boolean;
  isReading: () => boolean;
  error: () => unknown;
  /** Look on: through more of the log, or through what was written since. */
  more: () => void;
  close: () => void;
}

/** The lines of a log that a filter lets through, a page at a time; `total` is its last line. */
export function openLogSearch(run: string, filter: LogFilter, total: () => number): LogSearch {
  const [lines, setLines] = createSignal<readonly LogEntry[]>([]);
  const [isDone, setDone] = createSignal(false);
  const [isReading, setReading] = createSignal(false);
  const [error, setError] = createSignal<unknown>(null);
  let reached = 0;
  let isClosed = false;

  const more = async (): Promise<void> => {
    if (isReading() || isClosed) return;
    setReading(true);
    const end = total();
    try {
      const page = await readLog(run, reached, PAGE, filter);
      if (isClosed) return;
      reached = page.items.at(-1)?.seq ?? reached;
      // Without a next page everything up to the end was looked through, found or not.
      if (page.next_cursor === null) reached = Math.max(reached, end);
      setLines((known) => [...known, ...page.items]);
      setDone(page.next_cursor === null);
      setError(null);
    } catch (thrown) {
      setError(thrown);
    } finally {
      setReading(false);
    }
  };
  // Whoever opens a search in a memo must not open it anew when it has read.
  untrack(() => void more());
  return {
    lines,
    isDone,
    isReading,
    error,
    more: () => void more(),
    close: () => {
      isClosed = true;
    },
  };
}
