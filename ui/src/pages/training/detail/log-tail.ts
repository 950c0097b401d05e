import { createSignal } from "solid-js";
import { api, unwrap } from "~/api/client";
import { watchRun } from "~/api/live";
import type { LogEntry } from "~/api/types";

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
  let isClosed = false;

  const add = (more: readonly LogEntry[]): void => {
    setLines((known) => {
      const last = known.at(-1)?.seq ?? Number.NEGATIVE_INFINITY;
      const fresh = more.filter(
        (line) => line.seq > last && line.message.toLowerCase().includes(wanted),
      );
      return fresh.length > 0 ? [...known, ...fresh].slice(-AT_MOST) : known;
    });
  };
  const reload = async (): Promise<void> => {
    try {
      const page = await unwrap(
        api.GET("/api/training/runs/{run_id}/logs", {
          params: {
            path: { run_id: run },
            query: { after: -1, limit: AT_FIRST, ...(text ? { q: text } : {}) },
          },
        }),
      );
      if (isClosed) return;
      setLines(page.items);
      setError(null);
      setState("ready");
      add(early);
      early = [];
    } catch (thrown) {
      setError(thrown);
    }
  };
  const unwatch = watchRun(run, {
    onLog: (more) => {
      if (state() === "ready") add(more);
      else early.push(...more);
    },
    onGap: () => void reload(),
  });
  void reload();
  return {
    lines,
    state,
    error,
    reload,
    close: () => {
      isClosed = true;
      unwatch();
    },
  };
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
