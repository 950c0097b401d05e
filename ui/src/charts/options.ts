import uPlot from "uplot";
import { tokenColor } from "~/theme/theme";
import { clockText, clockTick, elapsedText, tickText } from "./format";
import type { Band } from "./band";
import { fillBands, linePath, markBroken } from "./paint";
import { clipOf, logRange, logSplits, TIME_STEPS } from "./range";
import { type ChartSeries, DASHES, loneOf } from "./series";
import { type CursorGroup, inGroup } from "./sync";
import { type Unit, unitSteps, unitTick } from "./units";

/** What the x values are: a count, a whole number, seconds since 1970, seconds since a start. */
export type AxisKind = "number" | "whole" | "clock" | "elapsed";

export interface ChartLook {
  series: readonly ChartSeries[];
  axis: AxisKind;
  isLog: boolean;
  /** The x axis has a log scale; every x is above zero then. */
  isLogX?: boolean;
  /** Leave the farthest hundredth of the values out of the range. */
  isClipped: boolean;
  /** What all the lines are shown in. */
  unit?: Unit;
  group: CursorGroup | undefined;
  width: number;
  height: number;
}

export interface ChartEvents {
  onCursor: (x: number | null) => void;
  onSelect: (from: number, to: number) => void;
  onReset: () => void;
  current: () => readonly ChartSeries[];
  /** Where x begins and ends, whatever there is to draw; without it, with the points. */
  range?: () => readonly [number, number] | undefined;
  /** The bands of the thinned lines among them. */
  bands?: () => ReadonlyMap<ChartSeries, Band>;
}

/** Never between two numbers. */
const WHOLE_STEPS = [1, 10, 100, 1e3, 1e4, 1e5].flatMap((by) => [by, 2 * by, 5 * by]);

const FONT = '12px "Inter Variable", system-ui, sans-serif';

/** The colour of the n-th series in the theme that shows. */
export function seriesColor(index: number): string {
  return tokenColor(`--series-${(index % 10) + 1}`);
}

/** uPlot's options; colours are read from the theme as it is now. */
export function optionsOf(look: ChartLook, events: ChartEvents): uPlot.Options {
  const sync = inGroup(look.group);
  return {
    width: look.width,
    height: look.height,
    // Right: room for half of the last tick, which is a clock time at its widest.
    padding: [12, look.axis === "clock" ? 36 : 20, 0, 0],
    legend: { show: false },
    cursor: {
      ...(sync ? { sync } : {}),
      drag: { x: true, y: false, setScale: false },
      // The raw line behind an average gets no dot of its own.
      points: { size: (_plot, at) => (look.series[at - 1]?.isFaint ? 0 : 7) },
      bind: {
        dblclick: () => () => {
          events.onReset();
          return null;
        },
      },
    },
    scales: { x: xScale(look.isLogX ?? false, events), y: yScale(look, events) },
    axes: [
      xAxis(look.axis, look.isLogX ?? false),
      yAxis(look.isLog, look.unit ?? { name: "", per: 1 }),
    ],
    series: [{}, ...look.series.map((one) => lineOf(one, events))],
    hooks: {
      setCursor: [(plot) => events.onCursor(cursorX(plot))],
      setSelect: [(plot) => select(plot, events)],
      // Before the lines: a band lies under all of them.
      drawAxes: [(plot) => fillBands(plot, bandsNow(events), seriesColor)],
      draw: [(plot) => markBroken(plot, events.current(), seriesColor)],
    },
  };
}

/** What is shown of an x under the cursor. */
export function cursorText(kind: AxisKind, x: number): string {
  if (kind === "number" || kind === "whole") return Number(x.toPrecision(7)).toLocaleString("en");
  return kind === "clock" ? clockText(x) : elapsedText(x);
}

function xScale(isLog: boolean, events: ChartEvents): uPlot.Scale {
  if (!isLog) {
    return {
      time: false,
      range: (_plot, low, high) => {
        const [from, to] = events.range?.() ?? [low, high];
        return [from, to];
      },
    };
  }
  return {
    time: false,
    distr: 3,
    range: (_plot, low, high) => (low < high ? [low, high] : logRange(low, high)),
  };
}

function xAxis(kind: AxisKind, isLog: boolean): uPlot.Axis {
  const text = { number: tickText, whole: tickText, clock: clockTick, elapsed: elapsedText }[kind];
  return {
    ...paint(),
    space: { number: 56, whole: 56, clock: 84, elapsed: 76 }[kind],
    size: 32,
    ...(kind === "number" ? {} : { incrs: [...(kind === "whole" ? WHOLE_STEPS : TIME_STEPS)] }),
    ...(isLog ? LOG_LINES : {}),
    values: (_plot, splits, _axis, _space, step) => splits.map((value) => text(value, step)),
  };
}

function yScale(look: ChartLook, events: ChartEvents): uPlot.Scale {
  const clipped = (): [number, number] | undefined =>
    look.isClipped ? clipOf(events.current(), look.isLog)?.range : undefined;
  if (look.isLog) {
    return { distr: 3, range: (_plot, low, high) => clipped() ?? logRange(low, high) };
  }
  if (!look.isClipped) return {};
  return { range: (_plot, low, high) => clipped() ?? uPlot.rangeNum(low, high, 0.1, true) };
}

/** `filter` keeps every line: by default uPlot nulls those of a log axis that it finds too many. */
const LOG_LINES: uPlot.Axis = {
  splits: (_plot, _axis, low, high) => logSplits(low, high),
  filter: (_plot, splits) => splits,
};

function yAxis(isLog: boolean, unit: Unit): uPlot.Axis {
  const steps = unitSteps(unit);
  const logLines = (_plot: uPlot, _axis: number, low: number, high: number): number[] =>
    logSplits(low / unit.per, high / unit.per).map((value) => value * unit.per);
  return {
    ...paint(),
    size: 58,
    ...(steps ? { incrs: steps } : {}),
    ...(isLog ? { ...LOG_LINES, splits: logLines } : {}),
    values: (_plot, splits) => splits.map((value) => unitTick(value, unit)),
  };
}

function paint(): uPlot.Axis {
  const grid = tokenColor("--chart-grid");
  return {
    font: FONT,
    stroke: tokenColor("--ink-soft"),
    grid: { stroke: grid, width: 1 },
    ticks: { stroke: grid, width: 1, size: 4 },
  };
}

function bandsNow(events: ChartEvents): ReadonlyMap<ChartSeries, Band> {
  return events.bands?.() ?? new Map();
}

function lineOf(series: ChartSeries, events: ChartEvents): uPlot.Series {
  const color = seriesColor(series.color);
  const bandAt = (at: number): Band | undefined => {
    const now = events.current()[at - 1];
    return now && bandsNow(events).get(now);
  };
  return {
    ...(series.isThinned ? { paths: (plot, at) => linePath(plot, bandAt(at)) } : {}),
    label: series.label,
    stroke: series.isFaint ? `${color}59` : color,
    width: series.isFaint ? 1 : 1.5,
    dash: [...(DASHES[(series.dash ?? 0) % DASHES.length] ?? [])],
    // A single point is drawn as one; else only the line.
    points: {
      show: series.x.length === 1,
      size: 6,
      fill: color,
      ...(series.hasGaps ? { filter: (plot, at) => loneOf(plot.data[at] ?? []) } : {}),
    },
  };
}

function cursorX(plot: uPlot): number | null {
  const left = plot.cursor.left ?? -1;
  return left < 0 ? null : plot.posToVal(left, "x");
}

function select(plot: uPlot, events: ChartEvents): void {
  const { left, width } = plot.select;
  if (width < 4) return;
  const from = plot.posToVal(left, "x");
  const to = plot.posToVal(left + width, "x");
  plot.setSelect({ left: 0, top: 0, width: 0, height: 0 }, false);
  events.onSelect(from, to);
}
