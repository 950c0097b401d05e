/** The columns that somebody chose last in this browser. */

const KEY = "axonml.runs.columns";

export function keptLayout(): string | null {
  try {
    return localStorage.getItem(KEY);
  } catch {
    // Storage that is closed: then there are none.
    return null;
  }
}

/** Keep a layout; undefined forgets it. */
export function keepLayout(layout: string | undefined): void {
  try {
    if (layout) localStorage.setItem(KEY, layout);
    else localStorage.removeItem(KEY);
  } catch {
    // Full or closed storage loses a convenience, no more.
  }
}
