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

  constructor(step: Float64Array, value: Float64Array, wallMs: Float64Array) {
    this.step = step;
    this.value = value;
    this.wallMs = wallMs;
    this.n = step.length;
  }

  static empty(): Points {
    return new Points(new Float64Array(), new Float64Array(), new Float64Array());
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
      for (const column of [this.step, this.value, this.wallMs]) {
        column.copyWithin(at + 1, at, this.n);
      }
    }
    this.step[at] = step;
    this.value[at] = value;
    this.wallMs[at] = wallMs;
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
  }
}
