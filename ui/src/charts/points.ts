import { decimate } from "./decimate";

/** How far the buffer may outgrow the plot's pixels before old points are thinned. */
const POINTS_PER_PIXEL = 24;

/**
 * The points of one series: what history answered, with the live tail appended to it.
 * Steps never fall. A point that is there already (same step and wall time) is not added again,
 * so history and stream may overlap.
 */
export class Points {
  step: Float64Array;
  value: Float64Array;
  wallMs: Float64Array;
  n: number;
  /** The average of every logged point behind these, and its weight, where the server made one. */
  average: Float64Array | null = null;
  averageWeight = 0;

  constructor(step: Float64Array, value: Float64Array, wallMs: Float64Array) {
    this.step = step;
    this.value = value;
    this.wallMs = wallMs;
    this.n = step.length;
  }

  static empty(): Points {
    return new Points(new Float64Array(), new Float64Array(), new Float64Array());
  }

  /** Take the server's average over; points that come later go on with it. */
  withAverage(average: Float64Array | undefined, weight: number): this {
    this.average = average ?? null;
    this.averageWeight = weight;
    return this;
  }

  /** Add one point; returns whether it was new. */
  append(step: number, value: number, wallMs: number): boolean {
    let at = this.n;
    // Nearly always the end; a script that logs a step twice, or late, goes a little back.
    while (at > 0 && (this.step[at - 1] ?? 0) >= step) {
      if (this.step[at - 1] === step && this.wallMs[at - 1] === wallMs) return false;
      if (this.step[at - 1] === step && (this.wallMs[at - 1] ?? 0) < wallMs) break;
      at -= 1;
    }
    this.#makeRoom();
    if (at < this.n) {
      const columns = [this.step, this.value, this.wallMs];
      if (this.average) columns.push(this.average);
      for (const column of columns) {
        column.copyWithin(at + 1, at, this.n);
      }
    }
    this.step[at] = step;
    this.value[at] = value;
    this.wallMs[at] = wallMs;
    if (this.average) this.average[at] = this.#averaged(at, value, this.average);
    this.n += 1;
    return true;
  }

  /** Thin to what `pixels` columns can show, once there is far more than that. */
  thin(pixels: number): void {
    if (this.n <= POINTS_PER_PIXEL * pixels) return;
    const kept = decimate(this.steps(), this.values(), 2 * pixels);
    const pick = (column: Float64Array): Float64Array =>
      Float64Array.from(kept, (i) => column[i] ?? Number.NaN);
    this.step = pick(this.step);
    this.value = pick(this.value);
    this.wallMs = pick(this.wallMs);
    if (this.average) this.average = pick(this.average);
    this.n = kept.length;
  }

  steps(): Float64Array {
    return this.step.subarray(0, this.n);
  }

  values(): Float64Array {
    return this.value.subarray(0, this.n);
  }

  wallTimes(): Float64Array {
    return this.wallMs.subarray(0, this.n);
  }

  averages(): Float64Array | null {
    return this.average?.subarray(0, this.n) ?? null;
  }

  /** The average goes on from the last finite one: far from its start its mass is 1. */
  #averaged(at: number, value: number, average: Float64Array): number {
    if (!Number.isFinite(value)) return value;
    let before = at - 1;
    while (before >= 0 && !Number.isFinite(average[before])) before -= 1;
    if (before < 0) return value;
    const mass = 1 - this.averageWeight ** (before + 1);
    const kept = this.averageWeight * mass * (average[before] ?? 0);
    return (kept + (1 - this.averageWeight) * value) / (1 - this.averageWeight ** (before + 2));
  }

  #makeRoom(): void {
    if (this.n < this.step.length) return;
    const size = Math.max(64, this.n * 2);
    const grown = (column: Float64Array): Float64Array => {
      const next = new Float64Array(size);
      next.set(column.subarray(0, this.n));
      return next;
    };
    this.step = grown(this.step);
    this.value = grown(this.value);
    this.wallMs = grown(this.wallMs);
    if (this.average) this.average = grown(this.average);
  }
}
