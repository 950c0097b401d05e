import { fetchApi } from "~/api/client";
import { fieldText } from "./filter-text";
import { listQuery } from "./queries";
import type { RunsView } from "./view";

/** Ids that fit into one address. */
const AT_ONCE = 200;

/** The runs of a view as CSV with the columns shown, or only those with the given ids. */
export async function csvOf(
  view: RunsView,
  columns: readonly string[],
  ids: readonly string[] = [],
): Promise<Blob> {
  const parts: string[] = [];
  for (let at = 0; at === 0 || at < ids.length; at += AT_ONCE) {
    const some = ids.slice(at, at + AT_ONCE);
    const chosen = { filter: `id in (${some.join(", ")})`, q: "" };
    const query = { ...listQuery(view), ...(some.length > 0 && chosen) };
    const params = new URLSearchParams(
      Object.entries(query).map(([name, value]) => [name, String(value)]),
    );
    params.set(
      "columns",
      columns
        .filter((key) => key !== "deleted_at")
        .map(columnText)
        .join(","),
    );
    const answer = await fetchApi(`/api/training/runs?${params}`, {
      headers: { accept: "text/csv" },
    });
    const text = await answer.text();
    parts.push(at === 0 ? text : text.slice(text.indexOf("\n") + 1));
  }
  return new Blob(parts, { type: "text/csv" });
}

/** A column's name as the server reads it in a list. */
function columnText(key: string): string {
  return key === "tags" ? "tag" : fieldText(key);
}
