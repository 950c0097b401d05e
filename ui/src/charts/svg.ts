/** A chart as SVG: lines that stay sharp at any size, text that stays text. */
import { tickText } from "./format";
import { logRange, logSplits } from "./range";
import { brokenXs, type ChartSeries, DASHES } from "./series";

export interface SvgLook {
  title: string;
  xLabel: string;
  xText: (x: number) => string;
  isLog: boolean;
  color: (index: number) => string;
  ink: string;
  grid: string;
  background: string;
}

const WIDTH = 960;
const HEIGHT = 480;
const BOX = { left: 72, top: 44, width: WIDTH - 96, height: HEIGHT - 128 };
const TICKS = 6;

type Scale = (value: number) => number;

/** The chart that `series` make, as the text of an SVG file. */
export function svgOf(series: readonly ChartSeries[], look: SvgLook): string {
  const [left, right] = extent(
    series.flatMap((one) => [one.x[0] ?? Number.NaN, one.x[one.x.length - 1] ?? Number.NaN]),
  );
  const drawn = series.flatMap((one) => Array.from(one.y).filter((v) => !look.isLog || v > 0));
  const [low, high] = look.isLog ? logRange(...extent(drawn)) : extent(drawn);
  const x: Scale = (value) => BOX.left + ((value - left) / (right - left || 1)) * BOX.width;
  const bend = look.isLog ? Math.log : (value: number): number => value;
  const [foot, head] = [bend(low), bend(high)];
  const y: Scale = (value) =>
    BOX.top + BOX.height * (1 - (bend(value) - foot) / (head - foot || 1));
  const yTicks = look.isLog ? logSplits(low, high) : even(low, high);
  const text = (at: string, anchor: string, words: string): string =>
    `<text ${at} text-anchor="${anchor}">${escaped(words)}</text>`;
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${HEIGHT}" font-family="system-ui, sans-serif" font-size="12" fill="${look.ink}">`,
    `<title>${escaped(look.title)}</title>`,
    `<rect width="${WIDTH}" height="${HEIGHT}" fill="${look.background}"/>`,
    `<text x="${BOX.left}" y="26" font-size="16" font-weight="600">${escaped(look.title)}</text>`,
    ...yTicks.map((tick) => {
      const at = y(tick).toFixed(1);
      return `<path d="M${BOX.left} ${at}h${BOX.width}" stroke="${look.grid}"/>${text(`x="${BOX.left - 8}" y="${at}" dy="4"`, "end", tickText(tick))}`;
    }),
    ...even(left, right).map((tick) =>
      text(
        `x="${x(tick).toFixed(1)}" y="${BOX.top + BOX.height + 20}"`,
        "middle",
        look.xText(tick),
      ),
    ),
    text(`x="${BOX.left + BOX.width / 2}" y="${BOX.top + BOX.height + 40}"`, "middle", look.xLabel),
    ...series.map((one) => lineOf(one, look, x, y)),
    ...brokenXs(series).map(({ x: at, color }) => {
      const base = BOX.top + BOX.height;
      return `<path class="broken" d="M${(x(at) - 5).toFixed(1)} ${base}h10l-5-7z" fill="${look.color(color)}"/>`;
    }),
    ...keyOf(series, look),
    "</svg>",
  ].join("\n");
}

function lineOf(one: ChartSeries, look: SvgLook, x: Scale, y: Scale): string {
  let path = "";
  let isDown = false;
  for (let i = 0; i < one.x.length; i += 1) {
    const value = one.y[i] ?? Number.NaN;
    if (Number.isFinite(value) && (!look.isLog || value > 0)) {
      path += `${isDown ? "L" : "M"}${x(one.x[i] ?? 0).toFixed(1)} ${y(value).toFixed(1)}`;
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
