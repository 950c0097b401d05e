/** A chart as SVG: lines that stay sharp at any size, text that stays text. */
import { type Band, bandsOf, BUCKET_PX, stretches } from "./band";
import { type BrokenPoint, brokenPoints, MARKS, marksOf } from "./broken";
import { tickText } from "./format";
import { BAND_OPACITY, EDGE_OPACITY } from "./paint";
import { clipOf, logRange, logSplits, notesOf } from "./range";
import { type ChartSeries, DASHES, isDrawable } from "./series";
import { type Unit, unitOf } from "./units";

export interface SvgLook {
  title: string;
  xLabel: string;
  xText: (x: number) => string;
  isLog: boolean;
  isLogX?: boolean;
  /** Leave outliers out of the range of y. */
  isClipped?: boolean;
  color: (index: number) => string;
  ink: string;
  grid: string;
  background: string;
}

const WIDTH = 960;
const HEIGHT = 480;
const BOX = { left: 72, top: 44, width: WIDTH - 96, height: HEIGHT - 128 };
const TICKS = 6;

const MARK = 5;

type Scale = (value: number) => number;
type Color = (index: number) => string;

interface Scales {
  x: Scale;
  y: Scale;
}

/** The chart that `series` make, as the text of an SVG file. */
export function svgOf(series: readonly ChartSeries[], look: SvgLook): string {
  const [left, right] = extent(
    series.flatMap((one) => [one.x[0] ?? Number.NaN, one.x[one.x.length - 1] ?? Number.NaN]),
  );
  const clip = look.isClipped ? clipOf(series, look.isLog) : null;
  const [low, high] = clip?.range ?? yRange(series, look.isLog);
  const along = scaleOf(left, right, look.isLogX ?? false);
  const up = scaleOf(low, high, look.isLog);
  const x: Scale = (value) => BOX.left + along(value) * BOX.width;
  const y: Scale = (value) => BOX.top + BOX.height * (1 - up(value));
  const bands = bandsOf(series, {
    buckets: Math.floor(BOX.width / BUCKET_PX),
    isLog: look.isLog,
    isLogX: look.isLogX ?? false,
  });
  const unit = unitOf(series);
  const title = unit.name ? `${look.title} (${unit.name})` : look.title;
  const notes = notesOf(series, look.isLog, look.isClipped ?? false);
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${HEIGHT}" font-family="system-ui, sans-serif" font-size="12" fill="${look.ink}">`,
    `<title>${escaped(look.title)}</title>`,
    `<clipPath id="plot"><rect x="${BOX.left}" y="${BOX.top}" width="${BOX.width}" height="${BOX.height}"/></clipPath>`,
    `<rect width="${WIDTH}" height="${HEIGHT}" fill="${look.background}"/>`,
    `<text x="${BOX.left}" y="26" font-size="16" font-weight="600">${escaped(title)}</text>`,
    textAt(BOX.left + BOX.width, 26, "end", notes.join(" · "), ' class="note"'),
    ...axesOf(look, unit, { x, y }, [left, right], [low, high]),
    '<g clip-path="url(#plot)">',
    ...[...bands].map(([one, band]) => bandPath(band, look.color(one.color), { x, y })),
    ...series.map((one) => lineOf(one, bands.get(one), look, { x, y })),
    "</g>",
    ...marksOf(brokenPoints(series), x, MARK).map((point) => markOf(point, look.color)),
    ...keyOf(series, look),
    "</svg>",
  ].join("\n");
}

/** Where a value lies between `low` and `high`, as a share. */
function scaleOf(low: number, high: number, isLog: boolean): Scale {
  const bend = isLog ? Math.log : (value: number): number => value;
  const [start, end] = [bend(low), bend(high)];
  return (value) => (bend(value) - start) / (end - start || 1);
}

function yRange(series: readonly ChartSeries[], isLog: boolean): [number, number] {
  const drawn = series.flatMap((one) => Array.from(one.y).filter((v) => isDrawable(v, isLog)));
  return isLog ? logRange(...extent(drawn)) : extent(drawn);
}

function axesOf(
  look: SvgLook,
  unit: Unit,
  { x, y }: Scales,
  [left, right]: [number, number],
  [low, high]: [number, number],
): string[] {
  const foot = BOX.top + BOX.height;
  return [
    ...(look.isLog ? logSplits : even)(low / unit.per, high / unit.per).map((tick) => {
      const at = y(tick * unit.per).toFixed(1);
      return `<path d="M${BOX.left} ${at}h${BOX.width}" stroke="${look.grid}"/>${textAt(BOX.left - 8, Number(at) + 4, "end", tickText(tick))}`;
    }),
    ...(look.isLogX ? logSplits(left, right) : even(left, right)).map((tick) =>
      textAt(x(tick), foot + 20, "middle", look.xText(tick)),
    ),
    textAt(BOX.left + BOX.width / 2, foot + 40, "middle", look.xLabel),
  ];
}

function textAt(x: number, y: number, anchor: string, words: string, more = ""): string {
  return `<text x="${x.toFixed(1)}" y="${y}" text-anchor="${anchor}"${more}>${escaped(words)}</text>`;
}

function bandPath(band: Band, color: string, { x, y }: Scales): string {
  const place = (at: number, edge: Float64Array): string =>
    `${x(band.x[at] ?? 0).toFixed(1)} ${y(edge[at] ?? 0).toFixed(1)}`;
  const path = stretches(band).map(([from, to]) => {
    const all = Array.from({ length: to - from }, (_, i) => from + i);
    const high = all.map((at) => place(at, band.high));
    const low = all.toReversed().map((at) => place(at, band.low));
    return `M${[...high, ...low].join("L")}Z`;
  });
  return `<path class="band" d="${path.join("")}" fill="${color}" fill-opacity="${BAND_OPACITY}" stroke="${color}" stroke-opacity="${EDGE_OPACITY}" stroke-width="0.75"/>`;
}

function lineOf(one: ChartSeries, band: Band | undefined, look: SvgLook, { x, y }: Scales): string {
  const points = band ? { x: band.x, y: band.middle } : one;
  let path = "";
  let isDown = false;
  for (let i = 0; i < points.x.length; i += 1) {
    const value = points.y[i] ?? Number.NaN;
    if (isDrawable(value, look.isLog)) {
      path += `${isDown ? "L" : "M"}${x(points.x[i] ?? 0).toFixed(1)} ${y(value).toFixed(1)}`;
      isDown = true;
    } else {
      isDown = false;
    }
  }
  const dash = (DASHES[(one.dash ?? 0) % DASHES.length] ?? []).join(" ");
  const dashed = dash ? ` stroke-dasharray="${dash}"` : "";
  const pale = one.isFaint ? ' stroke-opacity="0.35"' : "";
  return `<path d="${path}" fill="none" stroke="${look.color(one.color)}" stroke-width="1.5"${dashed}${pale}/>`;
}

function markOf({ at, color, kind }: BrokenPoint & { at: number }, paint: Color): string {
  const [edge, inward] = kind === "high" ? [BOX.top, 1] : [BOX.top + BOX.height, -1];
  const path = MARKS[kind].map(
    (stroke) =>
      `M${stroke.map(([right, depth]) => `${(at + right * MARK).toFixed(1)} ${(edge + inward * depth * MARK).toFixed(1)}`).join("L")}`,
  );
  const drawn =
    kind === "nan"
      ? `fill="none" stroke="${paint(color)}" stroke-width="1.5"`
      : `fill="${paint(color)}"`;
  return `<path class="broken ${kind}" d="${path.join("")}" ${drawn}/>`;
}

function keyOf(series: readonly ChartSeries[], look: SvgLook): string[] {
  let at = BOX.left;
  return series
    .filter((one) => !one.isFaint)
    .map((one) => {
      const here = at;
      at += 36 + one.label.length * 7;
      return `<path d="M${here} ${HEIGHT - 20}h16" stroke="${look.color(one.color)}" stroke-width="3"/><text x="${here + 22}" y="${HEIGHT - 16}">${escaped(one.label)}</text>`;
    });
}

function extent(values: readonly number[]): [number, number] {
  let low = Number.POSITIVE_INFINITY;
  let high = Number.NEGATIVE_INFINITY;
  for (const value of values) {
    if (Number.isFinite(value)) {
      low = Math.min(low, value);
      high = Math.max(high, value);
    }
  }
  if (low > high) return [1, 10];
  return low === high
    ? [low - Math.abs(low) * 0.1 - 1e-9, high + Math.abs(high) * 0.1 + 1e-9]
    : [low, high];
}

function even(low: number, high: number): number[] {
  return Array.from({ length: TICKS }, (_, i) =>
    Number((low + ((high - low) * i) / (TICKS - 1)).toPrecision(4)),
  );
}

function escaped(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
}
