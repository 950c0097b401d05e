/** What is drawn on a chart's canvas beside the lines that uPlot draws. */
import type uPlot from "uplot";
import { type Band, stretches } from "./band";
import { brokenPoints, MARKS, marksOf } from "./broken";
import type { ChartSeries } from "./series";

/** How opaque a band is, and its edges: a spike of one bucket is seen by these. */
export const BAND_OPACITY = 0.2;
export const EDGE_OPACITY = 0.45;
const MARK_PX = 4.5;

type Color = (index: number) => string;

/** Fill what lies between the lowest and the highest value of each bucket. */
export function fillBands(
  plot: uPlot,
  bands: ReadonlyMap<ChartSeries, Band>,
  colorOf: Color,
): void {
  if (bands.size === 0) return;
  const { ctx } = plot;
  ctx.save();
  clipToPlot(plot);
  ctx.lineWidth = devicePixelRatio;
  ctx.lineJoin = "round";
  for (const [series, band] of bands) {
    const color = colorOf(series.color);
    ctx.fillStyle = color;
    ctx.strokeStyle = color;
    for (const [from, to] of stretches(band)) {
      ctx.beginPath();
      for (let i = from; i < to; i += 1) ctx.lineTo(...placeOf(plot, band.x[i], band.high[i]));
      for (let i = to - 1; i >= from; i -= 1) ctx.lineTo(...placeOf(plot, band.x[i], band.low[i]));
      ctx.closePath();
      ctx.globalAlpha = BAND_OPACITY;
      ctx.fill();
      ctx.globalAlpha = EDGE_OPACITY;
      ctx.stroke();
    }
  }
  ctx.restore();
}

/** The line through a band: the middle of each bucket. */
export function linePath(plot: uPlot, band: Band | undefined): uPlot.Series.Paths | null {
  if (!band) return null;
  const stroke = new Path2D();
  for (const [from, to] of stretches(band)) {
    stroke.moveTo(...placeOf(plot, band.x[from], band.middle[from]));
    for (let i = from + 1; i < to; i += 1) {
      stroke.lineTo(...placeOf(plot, band.x[i], band.middle[i]));
    }
  }
  return { stroke, fill: null, clip: null };
}

/**
 * A mark for each value that is NaN (a cross at the foot), +infinity (a wedge at the head that
 * points up) or −infinity (one at the foot that points down): a gap alone is overlooked.
 */
export function markBroken(plot: uPlot, series: readonly ChartSeries[], colorOf: Color): void {
  const broken = brokenPoints(series);
  if (broken.length === 0) return;
  const { ctx, bbox } = plot;
  const size = MARK_PX * devicePixelRatio;
  const place = (x: number): number => Math.round(plot.valToPos(x, "x", true));
  ctx.save();
  ctx.lineWidth = 1.5 * devicePixelRatio;
  for (const { at, color, kind } of marksOf(broken, place, size)) {
    if (at < bbox.left || at > bbox.left + bbox.width) continue;
    ctx.fillStyle = colorOf(color);
    ctx.strokeStyle = ctx.fillStyle;
    ctx.beginPath();
    const [edge, inward] = kind === "high" ? [bbox.top, 1] : [bbox.top + bbox.height, -1];
    for (const stroke of MARKS[kind]) {
      for (const [i, [right, depth]] of stroke.entries()) {
        const corner = [at + right * size, edge + inward * depth * size] as const;
        if (i === 0) ctx.moveTo(...corner);
        else ctx.lineTo(...corner);
      }
    }
    if (kind === "nan") ctx.stroke();
    else ctx.fill();
  }
  ctx.restore();
}

function clipToPlot({ ctx, bbox }: uPlot): void {
  ctx.beginPath();
  ctx.rect(bbox.left, bbox.top, bbox.width, bbox.height);
  ctx.clip();
}

function placeOf(plot: uPlot, x = Number.NaN, y = Number.NaN): [number, number] {
  return [plot.valToPos(x, "x", true), plot.valToPos(y, "y", true)];
}
