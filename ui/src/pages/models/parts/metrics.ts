import type { ModelVersion } from "~/api/types";

export interface MetricOverVersions {
  name: string;
  /** One for each version that has it, oldest first. */
  points: { version: number; value: number }[];
}

/** Each metric's values over the versions (which come newest first), by name. */
export function overVersions(versions: readonly ModelVersion[]): MetricOverVersions[] {
  const found = new Map<string, MetricOverVersions["points"]>();
  for (const { version, metrics } of versions.toReversed()) {
    for (const [name, value] of Object.entries(metrics)) {
      const points = found.get(name) ?? [];
      points.push({ version, value });
      found.set(name, points);
    }
  }
  return [...found]
    .map(([name, points]) => ({ name, points }))
    .toSorted((a, b) => a.name.localeCompare(b.name));
}

/** Four figures: "0.9722", "12,346", "1.2e-7". */
export function metricText(value: number): string {
  if (!Number.isFinite(value)) return String(value);
  const size = Math.abs(value);
  if (size !== 0 && (size < 1e-3 || size >= 1e7)) return value.toExponential(2);
  return value.toLocaleString("en", { maximumSignificantDigits: size >= 1000 ? 6 : 4 });
}

/** "float32 [batch, 64]": -1 is any size, the first axis the batch. */
export function shapeText(dtype: string, shape: readonly number[]): string {
  const sizes = shape.map((size, axis) =>
    size >= 0 ? String(size) : axis === 0 ? "batch" : "any",
  );
  return `${dtype} [${sizes.join(", ")}]`;
}
