import type { ModelQuery } from "../queries";

/** What the list shows; all of it is in the address. */
export interface ModelsView {
  q: string;
  tag: string;
  alias: string;
  format: string;
  /** "yes" or "no"; "" for both. */
  deployed: string;
  sort: string;
}

export type Address = Partial<Record<keyof ModelsView, string | string[]>>;

const NEWEST_FIRST = "-updated_at";

const one = (value: string | string[] | undefined): string =>
  (Array.isArray(value) ? value[0] : value) ?? "";

/** Read the view out of an address. */
export function viewOf(address: Address): ModelsView {
  return {
    q: one(address.q),
    tag: one(address.tag),
    alias: one(address.alias),
    format: one(address.format),
    deployed: ["yes", "no"].includes(one(address.deployed)) ? one(address.deployed) : "",
    sort: one(address.sort) || NEWEST_FIRST,
  };
}

/** What to write into the address for a change; undefined takes a part away. */
export function addressOf(change: Partial<ModelsView>): Record<string, string | undefined> {
  return Object.fromEntries(
    Object.entries(change).map(([part, value]) => [
      part,
      value === "" || (part === "sort" && value === NEWEST_FIRST) ? undefined : value,
    ]),
  );
}

/** What the server is asked for a view. */
export function queryOf(view: ModelsView): ModelQuery {
  return {
    ...(view.q && { q: view.q }),
    ...(view.tag && { tag: [view.tag] }),
    ...(view.alias && { alias: view.alias }),
    ...(view.format && { format: view.format }),
    ...(view.deployed && { deployed: view.deployed === "yes" ? "true" : "false" }),
    sort: view.sort,
  };
}

/** Whether the view leaves models out. */
export function isNarrowed(view: ModelsView): boolean {
  return [view.q, view.tag, view.alias, view.format, view.deployed].some(Boolean);
}

/** The sort after a press on a column's head: figures and times go downwards first. */
export function nextSort(sort: string, column: string): string {
  const first = column === "name" ? column : `-${column}`;
  if (sort.replace("-", "") !== column) return first;
  return sort.startsWith("-") ? column : `-${column}`;
}
