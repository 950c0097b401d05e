type Cell = string | number | boolean | null;

/** Rows by one column: numbers before words, nothing last either way; equal ones as they were. */
export function sortedRows(
  rows: readonly Cell[][],
  by: { column: number; down: boolean } | null,
): readonly Cell[][] {
  if (!by) return rows;
  const sign = by.down ? -1 : 1;
  return rows.toSorted((one, other) => {
    const a = one[by.column] ?? null;
    const b = other[by.column] ?? null;
    if (a === null || b === null) return Number(a === null) - Number(b === null);
    return sign * compared(a, b);
  });
}

function compared(a: string | number | boolean, b: string | number | boolean): number {
  if (typeof a === "string" && typeof b === "string") return a.localeCompare(b);
  if (typeof a === "string" || typeof b === "string") return typeof a === "string" ? 1 : -1;
  return Number(a) - Number(b);
}
