/** Where each column stands, in px, and which of them can be seen. */
import { type Column, columnOf, NAME_KEY } from "./columns";
import { NARROWEST, type Placed } from "./layout";

export interface Lane {
  column: Column;
  width: number;
  /** From the left edge of the whole table. */
  left: number;
  isPinned: boolean;
}

/** Room for the checkbox before the first column. */
export const CHECK_WIDTH = 40;
/** Pinned columns may take this share of the width; then only the name stays. */
const PINNED_SHARE = 0.6;
const NARROW = 560;
const NARROW_NAME = 150;
/** Columns this far beside the view are drawn already. */
const BESIDE = 200;

/** Lay out columns over `available` px: what is left over goes to those without a width. */
export function lanesOf(columns: readonly Placed[], available: number): Lane[] {
  const found = columns.flatMap((placed) => {
    const column = columnOf(placed.key);
    return column ? [{ placed, column, width: placed.width ?? usualWidth(column, available) }] : [];
  });
  const spare = available - CHECK_WIDTH - found.reduce((sum, one) => sum + one.width, 0);
  const free = found.filter((one) => one.placed.width === undefined);
  const weight = (column: Column): number => (column.key === NAME_KEY ? 3 : 1);
  const weights = free.reduce((sum, one) => sum + weight(one.column), 0);
  if (spare > 0) {
    for (const one of free) one.width += Math.floor((spare * weight(one.column)) / weights);
  }
  const pins = found.filter((one) => one.placed.isPinned);
  const pinnedWidth = pins.reduce((sum, one) => sum + one.width, CHECK_WIDTH);
  const isCrowded = available > 0 && pinnedWidth > available * PINNED_SHARE;
  const stays = (placed: Placed): boolean =>
    Boolean(placed.isPinned) && (!isCrowded || placed.key === NAME_KEY);
  const inOrder = [
    ...found.filter((one) => stays(one.placed)),
    ...found.filter((one) => !stays(one.placed)),
  ];
  let left = CHECK_WIDTH;
  return inOrder.map(({ placed, column, width }) => {
    const lane = { column, width, left, isPinned: stays(placed) };
    left += width;
    return lane;
  });
}

function usualWidth(column: Column, available: number): number {
  const isNarrow = available > 0 && available < NARROW;
  return isNarrow && column.key === NAME_KEY ? NARROW_NAME : Math.max(NARROWEST, column.width);
}

export function totalWidth(lanes: readonly Lane[]): number {
  return lanes.reduce((sum, lane) => sum + lane.width, CHECK_WIDTH);
}

export interface Shown {
  lanes: readonly Lane[];
  /** Room for the columns before the first that is drawn and not pinned. */
  before: number;
}

/** The lanes to draw: the pinned ones, and those of the others that are in view. */
export function lanesInView(lanes: readonly Lane[], scrolled: number, width: number): Shown {
  const pins = lanes.filter((lane) => lane.isPinned);
  const others = lanes.filter((lane) => !lane.isPinned);
  const from = scrolled - BESIDE;
  const to = scrolled + (width || Number.POSITIVE_INFINITY) + BESIDE;
  const shown = others.filter((lane) => lane.left + lane.width >= from && lane.left <= to);
  const first = shown[0] ?? others[0];
  const start = CHECK_WIDTH + pins.reduce((sum, lane) => sum + lane.width, 0);
  return { lanes: [...pins, ...shown], before: first ? Math.max(0, first.left - start) : 0 };
}
