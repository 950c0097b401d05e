import "uplot/dist/uPlot.min.css";
import { createEffect, createMemo, createSignal, type JSX, on, onCleanup, onMount } from "solid-js";
import uPlot from "uplot";
import { theme } from "~/theme/theme";
import { type Band, bandsOf, BUCKET_PX } from "./band";
import { Legend } from "./Legend";
import styles from "./LineChart.module.css";
import { type AxisKind, optionsOf } from "./options";
import { notesOf } from "./range";
import { alignedOf, type ChartSeries, lastOf } from "./series";
import type { CursorGroup } from "./sync";
import { unitOf, unitText } from "./units";

export interface LineChartProps {
  /** What the chart shows; part of what a screen reader says. */
  title: string;
  series: readonly ChartSeries[];
  axis?: AxisKind;
  isLog?: boolean;
  /** A log scale for x; every x is above zero then. */
  isLogX?: boolean;
  /** Leave outliers out of the range of y. */
  isClipped?: boolean;
  height?: number;
  group?: CursorGroup;
  /** Unit after each value in the legend. */
  unit?: string;
  /** Where x begins and ends; without it, with the points. */
  range?: readonly [number, number];
  /** A stretch of x was chosen by dragging. */
  onZoom?: (from: number, to: number) => void;
  /** Double click: the whole range again. */
  onReset?: () => void;
  /** Gets the canvas, for an export as a picture. */
  canvasRef?: (canvas: HTMLCanvasElement) => void;
}

const HEIGHT = 240;
/** What the axis of y takes of the width, about. */
const AXIS_PX = 78;

/** Lines over a common x; the legend shows the values at the cursor, else the last ones. */
export function LineChart(props: LineChartProps): JSX.Element {
  const [cursor, setCursor] = createSignal<number | null>(null);
  const [hidden, setHidden] = createSignal<ReadonlySet<string>>(new Set());
  const [width, setWidth] = createSignal(0);
  let place: HTMLDivElement | undefined;
  let plot: uPlot | undefined;

  const height = (): number => props.height ?? HEIGHT;
  const shown = createMemo(() => props.series.filter((one) => !hidden().has(one.label)));
  const bands = createMemo<ReadonlyMap<ChartSeries, Band>>(() =>
    bandsOf(shown(), {
      buckets: Math.max(1, Math.floor((width() - AXIS_PX) / BUCKET_PX)),
      isLog: props.isLog ?? false,
      isLogX: props.isLogX ?? false,
    }),
  );
  const notes = createMemo(() => notesOf(shown(), props.isLog ?? false, props.isClipped ?? false));
  // What needs another plot; mere points do not.
  const look = createMemo(() =>
    JSON.stringify([
      shown().map((one) => [
        one.label,
        one.color,
        one.dash,
        one.isFaint,
        one.isThinned,
        one.x.length === 1,
      ]),
      props.axis,
      props.isLog,
      props.isLogX,
      props.isClipped,
      unitOf(shown()),
      props.group,
      theme(),
      width() > 0,
    ]),
  );

  const draw = (): void => {
    plot?.destroy();
    plot = undefined;
    if (!place || width() === 0) return;
    const options = optionsOf(
      {
        series: shown(),
        axis: props.axis ?? "number",
        isLog: props.isLog ?? false,
        isLogX: props.isLogX ?? false,
        isClipped: props.isClipped ?? false,
        unit: unitOf(shown()),
        group: props.group,
        width: width(),
        height: height(),
      },
      {
        onCursor: setCursor,
        onSelect: (from, to) => props.onZoom?.(from, to),
        onReset: () => props.onReset?.(),
        current: shown,
        range: () => props.range,
        bands,
      },
    );
    plot = new uPlot(options, alignedOf(shown(), props.isLog ?? false), place);
    props.canvasRef?.(plot.ctx.canvas);
  };

  onMount(() => {
    const observer = new ResizeObserver(([entry]) => {
      setWidth(Math.floor(entry?.contentRect.width ?? 0));
    });
    if (place) observer.observe(place);
    onCleanup(() => observer.disconnect());
  });
  createEffect(
    on([look, shown, () => props.range], ([now, series], before) => {
      // Never other lines to the old plot: it would draw once more, and miss the one that went.
      if (now !== before?.[0]) draw();
      else plot?.setData(alignedOf(series, props.isLog ?? false));
    }),
  );
  createEffect(
    on([width, height], ([w, h]) => {
      if (w > 0) plot?.setSize({ width: w, height: h });
    }),
  );
  onCleanup(() => plot?.destroy());

  const toggle = (label: string): void => {
    const next = new Set(hidden());
    if (!next.delete(label)) next.add(label);
    setHidden(next);
  };

  return (
    <figure class={styles.figure}>
      <div
        ref={(element) => {
          place = element;
        }}
        class={styles.plot}
        style={{ height: `${height()}px` }}
        role="img"
        aria-label={summaryOf(props.title, props.series)}
      />
      <Legend
        series={props.series}
        hidden={hidden()}
        onToggle={toggle}
        cursor={cursor()}
        axis={props.axis ?? "number"}
        unit={props.unit}
        bands={bands()}
        notes={notes()}
      />
    </figure>
  );
}

/** One sentence for those who do not see the lines. */
function summaryOf(title: string, series: readonly ChartSeries[]): string {
  const lines = series
    .filter((one) => !one.isFaint)
    .map((one) => {
      const points = one.x.length === 1 ? "1 point" : `${one.x.length} points`;
      return `${one.label}: ${points}, last ${unitText(lastOf(one), one.unit)}`;
    });
  return `${title}. ${lines.join("; ") || "no points yet"}`;
}
