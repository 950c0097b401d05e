import { useSearchParams } from "@solidjs/router";
import { createMemo, untrack } from "solid-js";
import { metricColumns, usualKeys } from "./columns";
import { filterOf, valueText, withCondition } from "./filter-text";
import { keepLayout, keptLayout } from "./kept-layout";
import { layoutOf, layoutText, type Placed } from "./layout";

/** What the list shows; all of it is in the address. */
export interface RunsView {
  q: string;
  filter: string;
  sort: string;
  /** What runs are grouped by; "" for a plain list. */
  by: string;
  isTrash: boolean;
}

/** A change of the view; what is left out stays. */
export interface ViewChange {
  q?: string;
  filter?: string;
  sort?: string;
  by?: string;
  isTrash?: boolean;
  columns?: readonly Placed[] | null;
}

export const NEWEST_FIRST = "-created_at";
export const ACTIVE_STATES = ["queued", "starting", "running", "stopping"] as const;
/** The parts of the address that are the view; a saved view holds these. */
const PARTS = ["q", "filter", "sort", "by", "columns", "trash", "status", "project"] as const;

type Part = (typeof PARTS)[number];
export type Address = Partial<Record<Part, string | string[]>>;

const one = (value: string | string[] | undefined): string =>
  (Array.isArray(value) ? value[0] : value) ?? "";

/** Read the view out of an address. */
export function viewOf(address: Address): RunsView {
  return {
    q: one(address.q),
    filter: filterOfAddress(address),
    sort: one(address.sort) || NEWEST_FIRST,
    by: one(address.by),
    isTrash: one(address.trash) === "1",
  };
}

/** Links from elsewhere name a state or a project; here both are conditions of the filter. */
function filterOfAddress(address: Address): string {
  let filter = one(address.filter).trim();
  const status = one(address.status);
  const project = one(address.project);
  if (status) filter = withCondition(filter, "status", statusCondition(status));
  if (project) filter = withCondition(filter, "project", `project = ${valueText(project)}`);
  return filter;
}

function statusCondition(status: string): string {
  const states: readonly string[] = status === "running" ? ACTIVE_STATES : [status];
  return states.length === 1
    ? filterOf([`status = ${valueText(status)}`])
    : `status in (${states.join(", ")})`;
}

/** What to write into the address for a change; undefined takes a part away. */
export function addressOf(change: ViewChange): Record<string, string | undefined> {
  const parts: Record<string, string | undefined> = {};
  if (change.q !== undefined) parts["q"] = change.q || undefined;
  if (change.filter !== undefined) {
    Object.assign(parts, { filter: change.filter || undefined, status: undefined });
    parts["project"] = undefined;
  }
  if (change.sort !== undefined) {
    parts["sort"] = change.sort === NEWEST_FIRST ? undefined : change.sort;
  }
  if (change.by !== undefined) parts["by"] = change.by || undefined;
  if (change.isTrash !== undefined) parts["trash"] = change.isTrash ? "1" : undefined;
  if (change.columns !== undefined) {
    parts["columns"] = change.columns ? layoutText(change.columns) : undefined;
  }
  return parts;
}

/** The view as the search text of an address, for links and saved views. */
export function searchOf(address: Address): string {
  const search = new URLSearchParams();
  for (const part of PARTS) {
    const value = one(address[part]);
    if (value) search.set(part, value);
  }
  return search.toString();
}

/** The address that a saved search text stands for: parts that it lacks go. */
export function addressOfSearch(text: string): Record<Part, string | undefined> {
  const search = new URLSearchParams(text);
  return Object.fromEntries(PARTS.map((part) => [part, search.get(part) ?? undefined])) as Record<
    Part,
    string | undefined
  >;
}

export interface View {
  now: () => RunsView;
  columns: () => readonly Placed[];
  search: () => string;
  change: (change: ViewChange) => void;
  /** Take over a whole saved view. */
  open: (search: string) => void;
}

/** The view in the address of the page; `counts` says how many runs have each metric. */
export function useView(counts: () => ReadonlyMap<string, number>): View {
  const [address, setAddress] = useSearchParams<Record<Part, string>>();
  const now = createMemo(() => viewOf(address), undefined, {
    equals: (a, b) => JSON.stringify(a) === JSON.stringify(b),
  });
  const text = createMemo(() => one(address.columns));
  const usual = createMemo(() => metricColumns(counts()), [], {
    equals: (a, b) => a.join("\n") === b.join("\n"),
  });
  const columns = createMemo(() =>
    text() ? layoutOf(text()) : layoutOf(layoutText(usualColumns(usual(), now().isTrash))),
  );
  const set = (parts: Record<string, string | undefined>): void =>
    setAddress(parts, { replace: true, scroll: false });
  // Who chose columns finds them again; a link that names its own keeps those.
  const kept = keptLayout();
  if (untrack(text) === "" && kept) set({ columns: kept });
  return {
    now,
    columns,
    search: () => searchOf(address),
    change: (change) => {
      const parts = addressOf(change);
      if (change.columns !== undefined) keepLayout(parts["columns"]);
      set(parts);
    },
    open: (search) => set(addressOfSearch(search)),
  };
}

function usualColumns(metrics: readonly string[], isTrash: boolean): Placed[] {
  return usualKeys(metrics, isTrash).map((key) => ({ key, isPinned: key === "name" }));
}
