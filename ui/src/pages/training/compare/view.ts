import { useSearchParams } from "@solidjs/router";
import { createMemo } from "solid-js";

export const TABS = ["charts", "config", "scatter", "parallel", "importance"] as const;
export type Tab = (typeof TABS)[number];

/** Every part of the address that is the view: one link shows another person the same. */
const PARTS = [
  "compare",
  "tab",
  "hide",
  "base",
  "by",
  "band",
  "rows",
  "find",
  "sx",
  "sy",
  "sc",
  "slog",
  "axes",
  "plog",
  "pc",
  "brush",
  "target",
  "steps",
  "wall",
  "since",
] as const;
type Part = (typeof PARTS)[number];

export const MOST_RUNS = 100;
const FILTER = "filter:";

/** Which runs: named one by one, or whatever a filter finds. */
export type Chosen = { ids: readonly string[] } | { filter: string };

/** A stretch of an axis; the ends are values of it. */
export type Brushes = Readonly<Record<string, readonly [low: number, high: number]>>;

/**
 * The stretch that the charts show, both ends included: of steps, of wall times in ms, or of ms
 * since each run's own start.
 */
export type RunsWindow = { kind: WindowKind; first: number; last: number };
const WINDOW_KINDS = ["steps", "wall", "since"] as const;
type WindowKind = (typeof WINDOW_KINDS)[number];

export interface CompareView {
  chosen: () => Chosen;
  tab: () => Tab;
  hidden: () => ReadonlySet<string>;
  /** A part of the view as text, "" where the address does not say. */
  text: (part: Part) => string;
  list: (part: Part) => readonly string[];
  brushes: () => Brushes;
  window: () => RunsWindow | null;
  setWindow: (window: RunsWindow | null) => void;
  setChosen: (ids: readonly string[]) => void;
  setHidden: (hidden: ReadonlySet<string>) => void;
  set: (part: Part, value: string) => void;
  setList: (part: Part, values: readonly string[]) => void;
  setBrushes: (brushes: Brushes) => void;
}

/** Read `compare` of an address. */
export function chosenOf(text: string): Chosen {
  if (text.startsWith(FILTER)) return { filter: text.slice(FILTER.length).trim() };
  const ids = text.split(",").map((id) => id.trim());
  return { ids: [...new Set(ids)].filter(Boolean).slice(0, MOST_RUNS) };
}

/** Keys may hold any sign: each is encoded, so that the comma between them is one. */
export function listText(values: readonly string[]): string {
  return values.map(encodeURIComponent).join(",");
}

export function listOf(text: string): string[] {
  return text.split(",").filter(Boolean).map(decoded);
}

export function brushText(brushes: Brushes): string {
  return Object.entries(brushes)
    .map(([key, [low, high]]) => [encodeURIComponent(key), rounded(low), rounded(high)].join(":"))
    .join(",");
}

export function brushesOf(text: string): Brushes {
  const found: Record<string, readonly [number, number]> = {};
  for (const part of text.split(",")) {
    const [key = "", low, high] = part.split(":");
    const ends = [Number(low), Number(high)] as const;
    if (key && high && ends.every(Number.isFinite)) found[decoded(key)] = ends;
  }
  return found;
}

/** Read the window of an address; anything else is everything. */
export function windowOf(text: (kind: WindowKind) => string): RunsWindow | null {
  for (const kind of WINDOW_KINDS) {
    const ends = /^(-?\d+)-(-?\d+)$/.exec(text(kind))?.slice(1).map(Number);
    const [first = 0, last = 0] = ends ?? [];
    if (first < last) return { kind, first, last };
  }
  return null;
}

function rounded(value: number): number {
  return Number(value.toPrecision(6));
}

export function isSameWindow(a: RunsWindow | null, b: RunsWindow | null): boolean {
  return a?.kind === b?.kind && a?.first === b?.first && a?.last === b?.last;
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text; // somebody cut the address short
  }
}

/** The view in the address of the page. */
export function useCompareView(): CompareView {
  const [query, setQuery] = useSearchParams<Record<Part, string>>();
  const text = (part: Part): string => {
    const value = query[part];
    return (Array.isArray(value) ? value[0] : value) ?? "";
  };
  const set = (part: Part, value: string): void =>
    void setQuery({ [part]: value || undefined }, { replace: true, scroll: false });
  const chosen = createMemo(() => chosenOf(text("compare")));
  const hidden = createMemo(() => new Set(listOf(text("hide"))));
  const brushes = createMemo(() => brushesOf(text("brush")));
  const window = createMemo(() => windowOf(text), null, { equals: isSameWindow });
  return {
    chosen,
    hidden,
    brushes,
    window,
    setWindow: (next) => {
      const none = { steps: undefined, wall: undefined, since: undefined };
      const change = next ? { ...none, [next.kind]: `${next.first}-${next.last}` } : none;
      setQuery(change, { replace: true, scroll: false });
    },
    text,
    tab: () => TABS.find((one) => one === text("tab")) ?? "charts",
    list: (part) => listOf(text(part)),
    setChosen: (ids) => setQuery({ compare: ids.join(",") }, { scroll: false }),
    setHidden: (ids) => set("hide", listText([...ids])),
    set,
    setList: (part, values) => set(part, listText(values)),
    setBrushes: (next) => set("brush", brushText(next)),
  };
}
