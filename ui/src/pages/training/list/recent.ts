/** The filters that were used last in this browser, newest first. */

const KEY = "axonml.runs.filters";
const MOST = 8;

export function recentFilters(): string[] {
  try {
    const found: unknown = JSON.parse(localStorage.getItem(KEY) ?? "[]");
    return Array.isArray(found) ? found.filter((one) => typeof one === "string") : [];
  } catch {
    // Storage that is closed or holds something else: then there are none.
    return [];
  }
}

export function rememberFilter(filter: string): void {
  if (filter === "") return;
  const kept = [filter, ...recentFilters().filter((one) => one !== filter)].slice(0, MOST);
  try {
    localStorage.setItem(KEY, JSON.stringify(kept));
  } catch {
    // Full or closed storage loses a convenience, no more.
  }
}
