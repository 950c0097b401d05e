/** What a signature asks for and gives, as people draw and read it. */
import type { Signature } from "~/api/types";

export interface Picture {
  /** Pixels a side. */
  side: number;
  /** The value of a fully inked pixel. */
  ink: number;
  /** The shape of one row, batch first. */
  shape: number[];
}

const SIDES: Record<number, Omit<Picture, "shape">> = {
  64: { side: 8, ink: 16 },
  784: { side: 28, ink: 1 },
};

/** Whether the one input can be drawn by hand: 8 by 8 (ink 16) or 28 by 28 (ink 1) pixels. */
export function pictureOf(signature: Signature): Picture | null {
  const [only] = signature.inputs;
  if (signature.inputs.length !== 1 || !only || !/^(float|int|uint)/.test(only.dtype)) return null;
  const sizes = only.shape.map((size, axis) => (axis === 0 ? 1 : size));
  const pixels = sizes.reduce((product, size) => product * size, 1);
  const found = SIDES[pixels];
  return found && sizes.every((size) => size > 0) ? { ...found, shape: sizes } : null;
}

/** Pixels (0..1, row by row) as the `inputs` of one row. */
export function inputsOf(picture: Picture, pixels: readonly number[]): unknown {
  let at = 0;
  const fill = (axis: number): unknown => {
    if (axis === picture.shape.length) {
      const value = (pixels[at] ?? 0) * picture.ink;
      at += 1;
      return Math.round(value * 100) / 100;
    }
    return Array.from({ length: picture.shape[axis] ?? 1 }, () => fill(axis + 1));
  };
  return fill(0);
}

export interface Bars {
  name: string;
  bars: { label: string; share: number }[];
}

/** The outputs that look like probabilities of classes: their first row, as bars. */
export function barsOf(outputs: unknown): Bars | null {
  const named: [string, unknown][] = Array.isArray(outputs)
    ? [["output", outputs]]
    : Object.entries((outputs ?? {}) as Record<string, unknown>);
  for (const [name, rows] of named) {
    const row: unknown = Array.isArray(rows) ? rows[0] : null;
    if (Array.isArray(row) && row.length > 1 && isDistribution(row)) {
      return { name, bars: row.map((share, index) => ({ label: String(index), share })) };
    }
  }
  return null;
}

function isDistribution(row: unknown[]): row is number[] {
  let sum = 0;
  for (const value of row) {
    if (typeof value !== "number" || value < -1e-6 || value > 1 + 1e-6) return false;
    sum += value;
  }
  return Math.abs(sum - 1) < 1e-3;
}
