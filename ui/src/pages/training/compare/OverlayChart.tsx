import "uplot/dist/uPlot.min.css";
import { createEffect, createMemo, createSignal, type JSX, on, onCleanup, onMount } from "solid-js";
import uPlot from "uplot";
import { valueText } from "~/charts/format";
import { type AxisKind, optionsOf, seriesColor } from "~/charts/options";
import { alignedOf, type ChartSeries, lastOf } from "~/charts/series";
import type { CursorGroup } from "~/charts/sync";
import { theme } from "~/theme/theme";
import styles from "./overlay.module.css";
import type { OverlayLine } from "./overlay-lines";

export interface OverlayChartProps {
  title: string;
  lines: readonly OverlayLine[];
  axis: AxisKind;
  isLog: boolean;
  isClipped: boolean;
  height: number;
  group: CursorGroup;
  /** The run that the pointer is at, on this chart or elsewhere. */
  hovered: string | null;
  onHover: (run: string | null) => void;
  onCursor: (x: number | null) => void;
  onZoom: (from: number, to: number) => void;
  onReset: () => void;
  canvasRef?: (canvas: HTMLCanvasElement) => void;
}

/** Lines of many runs; the one at the pointer stands out, here and on every other chart. */
export function OverlayChart(props: OverlayChartProps): JSX.Element {
  const [width, setWidth] = createSignal(0);
  let place: HTMLDivElement | undefined;
  let plot: uPlot | undefined;

  const series = createMemo(() => seriesOf(props.lines));
  // What needs another plot; mere points do not.
  const look = createMemo(() =>
    JSON.stringify([
      series().map((one) => [one.label, one.color, one.dash, one.x.length === 1]),
      props.lines.map((line) => [line.run, line.low !== undefined]),
      [props.axis, props.isLog, props.isClipped, props.group, props.height, theme(), width() > 0],
    ]),
  );

  const draw = (): void => {
    plot?.destroy();
    plot = undefined;
    if (!place || width() === 0) return;
    const options = optionsOf(
      {
        series: series(),
        axis: props.axis,
        isLog: props.isLog,
        isClipped: props.isClipped,
        group: props.group,
        width: width(),
        height: props.height,
      },
      {
        onCursor: (x) => props.onCursor(x),
        onSelect: (from, to) => props.onZoom(from, to),
        onReset: () => props.onReset(),
        current: series,
      },
    );
    const lines = props.lines;
    plot = new uPlot(
      {
        ...options,
        focus: { alpha: 0.18 },
        cursor: { ...options.cursor, focus: { prox: 24 }, points: { size: 0 } },
        bands: bandsOf(lines),
        series: options.series.map((one, at) => styled(one, at - 1, lines)),
        hooks: {
          ...options.hooks,
          setSeries: [
            (_plot, at) => {
              if (plot?.cursor.event) props.onHover(lineAt(lines, at)?.run ?? null);
            },
          ],
        },
      },
      alignedOf(series(), props.isLog),
      place,
    );
    props.canvasRef?.(plot.ctx.canvas);
    emphasise();
  };
  const emphasise = (): void => {
    const run = props.hovered;
    const at = run === null ? -1 : props.lines.findIndex((line) => line.run === run);
    plot?.setSeries(at < 0 ? null : columnOf(props.lines, at), { focus: true }, false);
  };

  onMount(() => {
    const observer = new ResizeObserver(([entry]) => {
      setWidth(Math.floor(entry?.contentRect.width ?? 0));
    });
    if (place) observer.observe(place);
    onCleanup(() => observer.disconnect());
  });
  // One effect: a plot that the next look replaces must never see the columns of that look.
  createEffect(
    on([look, series], ([next, points], before) => {
      if (next !== before?.[0]) draw();
      else plot?.setData(alignedOf(points, props.isLog));
    }),
  );
  createEffect(
    on(width, (w) => {
      if (w > 0) plot?.setSize({ width: w, height: props.height });
    }),
  );
  createEffect(on(() => props.hovered, emphasise, { defer: true }));
  onCleanup(() => plot?.destroy());

  return (
    <div
      ref={(element) => {
        place = element;
      }}
      class={styles.plot}
      style={{ height: `${props.height}px` }}
      role="img"
      aria-label={summaryOf(props.title, props.lines)}
      onPointerLeave={() => props.onHover(null)}
    />
  );
}

/** A line with a spread is three columns for the plot: the mean, then its two edges. */
function seriesOf(lines: readonly OverlayLine[]): ChartSeries[] {
  return lines.flatMap(({ label, color, dash, x, y, low, high }) => {
    const line = { label, color, dash, x, y };
    if (!low || !high) return [line];
    const edge = { ...line, isFaint: true };
    return [line, { ...edge, y: high }, { ...edge, y: low }];
  });
}

function columnOf(lines: readonly OverlayLine[], at: number): number {
  return 1 + lines.slice(0, at).reduce((sum, line) => sum + (line.low ? 3 : 1), 0);
}

function lineAt(lines: readonly OverlayLine[], column: number | null): OverlayLine | undefined {
  if (column === null) return undefined;
  return lines.find((_, at) => columnOf(lines, at) === column);
}

function bandsOf(lines: readonly OverlayLine[]): uPlot.Band[] {
  return lines.flatMap((line, at) => {
    if (!line.low) return [];
    const first = columnOf(lines, at);
    return [
      { series: [first + 1, first + 2] as [number, number], fill: `${seriesColor(line.color)}2e` },
    ];
  });
}

function styled(one: uPlot.Series, at: number, lines: readonly OverlayLine[]): uPlot.Series {
  const isEdge =
    at >= 0 &&
    lines.some((line, i) => {
      const first = columnOf(lines, i) - 1;
      return line.low && (at === first + 1 || at === first + 2);
    });
  return isEdge ? { ...one, width: 0, points: { show: false } } : one;
}

/** One sentence for those who do not see the lines. */
function summaryOf(title: string, lines: readonly OverlayLine[]): string {
  const told = lines.slice(0, 10).map((line) => `${line.label}: last ${valueText(lastOf(line))}`);
  const more = lines.length > told.length ? `; and ${lines.length - told.length} more` : "";
  return `${title}. ${told.join("; ") || "no points yet"}${more}`;
}
