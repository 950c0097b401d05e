/** Which columns the table has, in which order, how wide, which of them pinned: all of it text. */
import { columnOf, NAME_KEY } from "./columns";

export interface Placed {
  key: string;
  /** Width in px that somebody chose; without one it takes what there is. */
  width?: number | undefined;
  isPinned?: boolean | undefined;
}

export const NARROWEST = 64;
const WIDEST = 1200;
const MOST = 200;

export const clampWidth = (width: number): number =>
  Math.round(Math.min(WIDEST, Math.max(NARROWEST, width)));

/** `!name~280,status,metrics.loss~90`: pinned with a mark, the width behind a tilde. */
export function layoutText(columns: readonly Placed[]): string {
  return columns
    .map((one) => {
      const width = one.width === undefined ? "" : `~${one.width}`;
      return `${one.isPinned ? "!" : ""}${escaped(one.key)}${width}`;
    })
    .join(",");
}

/** Read a layout; what is no column is left out, and the name is always there. */
export function layoutOf(text: string): Placed[] {
  const columns: Placed[] = [];
  for (const part of text.split(",").slice(0, MOST)) {
    const found = /^(!?)([^~]*)(?:~(\d+))?$/.exec(part);
    const key = unescaped(found?.[2] ?? "");
    if (!found || !columnOf(key) || columns.some((one) => one.key === key)) continue;
    const width = found[3] === undefined ? undefined : clampWidth(Number(found[3]));
    columns.push({ key, width, isPinned: found[1] === "!" });
  }
  if (!columns.some((one) => one.key === NAME_KEY)) {
    columns.unshift({ key: NAME_KEY, isPinned: true });
  }
  return ordered(columns);
}

function escaped(key: string): string {
  return key.replaceAll(/[%!~,]/g, (sign) => `%${sign.charCodeAt(0).toString(16)}`);
}

function unescaped(text: string): string {
  return text.replaceAll(/%([0-9a-f]{2})/g, (_, code: string) =>
    String.fromCharCode(Number.parseInt(code, 16)),
  );
}

/** Pinned columns stand before the others. */
export function ordered(columns: readonly Placed[]): Placed[] {
  return [...columns.filter((one) => one.isPinned), ...columns.filter((one) => !one.isPinned)];
}

/** Put a column before another one; it is pinned where that one is. */
export function movedTo(columns: readonly Placed[], key: string, before: string): Placed[] {
  const one = columns.find((column) => column.key === key);
  const target = columns.find((column) => column.key === before);
  if (!one || !target || one === target) return [...columns];
  const from = columns.indexOf(one);
  const to = columns.indexOf(target);
  const rest = columns.filter((column) => column !== one);
  // Dragged to the right it stands behind the one it was dropped on.
  const at = rest.indexOf(target) + (from < to ? 1 : 0);
  rest.splice(at, 0, { ...one, isPinned: target.isPinned });
  return ordered(rest);
}

/** Move a column one place to the left (-1) or right (1). */
export function nudged(columns: readonly Placed[], key: string, by: -1 | 1): Placed[] {
  const at = columns.findIndex((column) => column.key === key);
  const neighbour = columns[at + by];
  return at < 0 || !neighbour ? [...columns] : movedTo(columns, key, neighbour.key);
}

export function pinned(columns: readonly Placed[], key: string, isPinned: boolean): Placed[] {
  return ordered(columns.map((one) => (one.key === key ? { ...one, isPinned } : one)));
}

export function resized(columns: readonly Placed[], key: string, width: number): Placed[] {
  const chosen = clampWidth(width);
  return columns.map((one) => (one.key === key ? { ...one, width: chosen } : one));
}

/** Give the width of a column back to the table. */
export function fitted(columns: readonly Placed[], key: string): Placed[] {
  return columns.map((one) => (one.key === key ? { key, isPinned: one.isPinned } : one));
}

export function added(columns: readonly Placed[], key: string): Placed[] {
  return columns.some((one) => one.key === key) ? [...columns] : [...columns, { key }];
}

export function removed(columns: readonly Placed[], key: string): Placed[] {
  return key === NAME_KEY ? [...columns] : columns.filter((one) => one.key !== key);
}
