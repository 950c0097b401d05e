import uPlot from "uplot";

/** Charts that share one cursor: the pointer over one shows the same x on all. */
export type CursorGroup = string;

let lastGroup = 0;

/** Make a group for the charts of one page. */
export function createCursorGroup(): CursorGroup {
  lastGroup += 1;
  return `cursor-${lastGroup}`;
}

/** The part of uPlot's options that puts a chart into the group. */
export function inGroup(group: CursorGroup | undefined): uPlot.Cursor.Sync | undefined {
  if (!group) return undefined;
  return {
    key: uPlot.sync(group).key,
    // By value on x, so that charts with other ranges agree; each has its own y.
    scales: ["x", null],
    setSeries: false,
  };
}
