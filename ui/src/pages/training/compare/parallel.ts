/** Parallel coordinates: where axes and lines stand, and which runs are within every brush. */
import type { Field } from "./fields";
import type { RunLook } from "./looks";
import { type Scale, scaleOf } from "./scale";
import { valueOf } from "./tint";
import type { Brushes } from "./view";

export interface Axis {
  field: Field;
  scale: Scale;
  isLog: boolean;
}

export const TOP = 14;
export const FOOT = 30;
const SIDE = 56;

/** The axes in order, each with its scale. */
export function axesOf(fields: readonly Field[], logs: readonly string[]): Axis[] {
  return fields.map((field) => {
    const isLog = logs.includes(field.id);
    return { field, isLog, scale: scaleOf(field, isLog) };
  });
}

/** Where the n-th of `count` axes stands in a plot `width` pixels wide. */
export function axisX(at: number, count: number, width: number): number {
  return count === 1 ? width / 2 : SIDE + (at * (width - 2 * SIDE)) / (count - 1);
}

/** From a place (0 at the low end) to a pixel from the top. */
export function pixelY(place: number, height: number): number {
  return height - FOOT - place * (height - TOP - FOOT);
}

export function placeAt(pixel: number, height: number): number {
  return Math.min(1, Math.max(0, (height - FOOT - pixel) / (height - TOP - FOOT)));
}

/** Whether a run's value lies within the brush of every axis that has one. */
export function isWithin(look: RunLook, axes: readonly Axis[], brushes: Brushes): boolean {
  return axes.every(({ field, scale }) => {
    const brush = brushes[field.id];
    if (!brush) return true;
    const number = scale.numberOf(valueOf(field, look));
    return number !== null && number >= brush[0] && number <= brush[1];
  });
}

/** The brush between two places of an axis; null where it holds all of it. */
export function brushBetween(
  scale: Scale,
  from: number,
  to: number,
): readonly [number, number] | null {
  const [low, high] = [Math.max(0, Math.min(from, to)), Math.min(1, Math.max(from, to))];
  if (low <= 0 && high >= 1) return null;
  // A hair wider: a value that stands on the end belongs to it.
  const span = Math.abs(scale.numberAt(1) - scale.numberAt(0)) * 1e-6;
  return [scale.numberAt(low) - span, scale.numberAt(high) + span];
}

/** The places of a brush's ends on its axis, 0..1. */
export function endsOf(axis: Axis, brushes: Brushes): [low: number, high: number] {
  const brush = brushes[axis.field.id];
  if (!brush) return [0, 1];
  const [low, high] = brush.map((number) => placeOfNumber(axis.scale, number));
  return [low ?? 0, high ?? 1];
}

/** Scales rise, so halving finds the place of any number, of words and logarithms too. */
function placeOfNumber(scale: Scale, number: number): number {
  let [low, high] = [0, 1];
  for (let i = 0; i < 40; i += 1) {
    const middle = (low + high) / 2;
    if (scale.numberAt(middle) < number) low = middle;
    else high = middle;
  }
  return (low + high) / 2;
}

/** The run whose line passes nearest to a point, within `reach` pixels. */
export function nearestRun(
  looks: readonly RunLook[],
  axes: readonly Axis[],
  size: { width: number; height: number },
  point: { x: number; y: number },
  reach: number,
): string | null {
  const xs = axes.map((_, at) => axisX(at, axes.length, size.width));
  const left = Math.max(
    0,
    xs.findLastIndex((x) => x <= point.x),
  );
  const right = Math.min(axes.length - 1, left + 1);
  const share = (point.x - (xs[left] ?? 0)) / ((xs[right] ?? 0) - (xs[left] ?? 0) || 1);
  let best: string | null = null;
  let nearest = reach;
  for (const look of looks) {
    const [a, b] = [left, right].map((at) => {
      const axis = axes[at];
      return axis ? axis.scale.place(valueOf(axis.field, look)) : null;
    });
    if (typeof a === "number" && typeof b === "number") {
      const y = pixelY(a + (b - a) * Math.min(1, Math.max(0, share)), size.height);
      const distance = Math.abs(y - point.y);
      if (distance < nearest) [nearest, best] = [distance, look.run.id];
    }
  }
  return best;
}
