import { api, unwrap } from "~/api/client";
import type { LogPage } from "~/api/types";

/** Lines after number `after` (-1: the last ones), those with `text` in them. */
export function readLog(run: string, after: number, limit: number, text = ""): Promise<LogPage> {
  const query = { after, limit, ...(text ? { q: text } : {}) };
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
