import { api, unwrap } from "~/api/client";
import type { LogPage } from "~/api/types";

/** Which lines of a log: those with `text` in them, written from `from` to `to` (wall time, ms). */
export interface LogFilter {
  text?: string;
  from?: number | undefined;
  to?: number | undefined;
}

/** Lines after number `after` (-1: the last ones) that the filter lets through. */
export function readLog(
  run: string,
  after: number,
  limit: number,
  filter: LogFilter = {},
): Promise<LogPage> {
  const time = (ms: number): string => new Date(ms).toISOString();
  const query = {
    after,
    limit,
    ...(filter.text ? { q: filter.text } : {}),
    ...(filter.from === undefined ? {} : { from: time(filter.from) }),
    ...(filter.to === undefined ? {} : { to: time(filter.to) }),
  };
  return unwrap(
    api.GET("/api/training/runs/{run_id}/logs", { params: { path: { run_id: run }, query } }),
  );
}

/** The whole log as text, read page by page. */
export async function wholeLog(run: string): Promise<Blob> {
  const parts: string[] = [];
  let after = 0;
  for (;;) {
    const page = await readLog(run, after, 10_000);
    for (const line of page.items) {
      parts.push(`${line.timestamp} ${line.level.toUpperCase().padEnd(7)} ${line.message}\n`);
    }
    if (page.next_cursor === null) return new Blob(parts, { type: "text/plain" });
    after = Number(page.next_cursor);
  }
}
