/** Colours for a third value: a ramp from blue to orange, told apart by the colour-blind as well. */
import { seriesColor } from "~/charts/options";
import type { Field, FieldValue } from "./fields";
import type { RunLook } from "./looks";
import { type Scale, scaleOf } from "./scale";

export const RAMP_LOW = 2; // the blue of the series colours
export const RAMP_HIGH = 1; // the orange

export interface Tint {
  /** The colour of a run as CSS. */
  css: (look: RunLook) => string;
  /** The colour of a run for a canvas, in the theme that shows. */
  paint: (look: RunLook) => string;
  scale: Scale | null;
}

/** By the value of `field` where one is given, else each run in its own colour. */
export function tintOf(field: Field | undefined): Tint {
  if (!field) {
    return {
      scale: null,
      css: (look) => `var(--series-${look.color + 1})`,
      paint: (look) => seriesColor(look.color),
    };
  }
  const scale = scaleOf(field, false);
  const at = (look: RunLook): number | null => scale.place(valueOf(field, look));
  return {
    scale,
    css: (look) => {
      const place = at(look);
      if (place === null) return "var(--text-muted)";
      const share = `${(place * 100).toFixed(1)}%`;
      return `color-mix(in oklab, var(--series-${RAMP_HIGH + 1}) ${share}, var(--series-${RAMP_LOW + 1}))`;
    },
    paint: (look) => {
      const place = at(look);
      return place === null
        ? seriesColor(9)
        : mixed(seriesColor(RAMP_LOW), seriesColor(RAMP_HIGH), place);
    },
  };
}

export function valueOf(field: Field, look: RunLook): FieldValue {
  return field.values[look.index] ?? null;
}

/** Two colours written as #rrggbb, the second with `share` in 0..1. */
export function mixed(low: string, high: string, share: number): string {
  const parts = [1, 3, 5].map((at) => {
    const [a, b] = [low, high].map((color) => Number.parseInt(color.slice(at, at + 2), 16));
    return Math.round((a ?? 0) + ((b ?? 0) - (a ?? 0)) * share);
  });
  return `rgb(${parts.join(" ")})`;
}
