import { type Accessor, createSignal, type Setter, untrack } from "solid-js";
import { fetchApi } from "~/api/client";
import { COLUMNS_TYPE, decodeSeries, type SeriesFrame } from "~/api/columns";
import { type ColumnsFrame, numberOf, watchRun } from "~/api/live";
import { Points } from "~/charts/points";

/** A stretch of steps, both ends included; null is the whole run. */
export type StepWindow = { first: number; last: number } | null;

export interface LoadedSeries {
  points: Points;
  /** Every logged point of the window is there. */
  isExact: boolean;
}

interface Entry {
  series: LoadedSeries | undefined;
  pixels: number;
  track: Accessor<number>;
  bump: Setter<number>;
}

/** A slider is let go before the server is asked. */
const SETTLE_MS = 150;

const bumpOne = (count: number): number => count + 1;

/**
 * The series that one run's page shows: loaded at the width of the charts that ask, then kept
 * live. History and stream overlap by design; points that came twice are kept once.
 */
export class SeriesStore {
  readonly error: Accessor<unknown>;
  /** Names that the stream brought and nobody had heard of before. */
  readonly newNames: Accessor<readonly string[]>;
  readonly #setError: Setter<unknown>;
  readonly #setNewNames: Setter<readonly string[]>;
  readonly #run: string;
  readonly #entries = new Map<string, Entry>();
  readonly #pending = new Set<string>();
  readonly #onFrames: (frames: readonly ColumnsFrame[]) => void;
  #window: StepWindow = null;
  #weight = 0;
  #settling: ReturnType<typeof setTimeout> | undefined;
  #isScheduled = false;
  #loading = 0;
  #arrived: ColumnsFrame[] = [];
  #unwatch: (() => void) | null = null;
  #isClosed = false;

  constructor(run: string, onFrames: (frames: readonly ColumnsFrame[]) => void = () => {}) {
    this.#run = run;
    this.#onFrames = onFrames;
    [this.error, this.#setError] = createSignal<unknown>(null);
    [this.newNames, this.#setNewNames] = createSignal<readonly string[]>([]);
  }

  /** The series as it is now, undefined until it is loaded; tracks every change. */
  series(name: string): LoadedSeries | undefined {
    const entry = this.#entry(name);
    entry.track();
    return entry.series;
  }

  /** Load a series for a chart `pixels` wide, unless it is there already. */
  need(name: string, pixels: number): void {
    const entry = this.#entry(name);
    const isEnough = entry.pixels > 0 && pixels <= entry.pixels * 1.5;
    if (isEnough) return;
    entry.pixels = pixels;
    this.#load([name]);
  }

  /** Show another stretch of steps: what is loaded is asked for anew at full detail. */
  setWindow(window: StepWindow): void {
    if (window?.first === this.#window?.first && window?.last === this.#window?.last) return;
    this.#window = window;
    this.reload();
  }

  /** Have the server average every logged point with this weight; 0 ends that. */
  setSmoothing(weight: number): void {
    if (weight === this.#weight) return;
    this.#weight = weight;
    clearTimeout(this.#settling);
    this.#settling = setTimeout(() => this.reload(), SETTLE_MS);
  }

  /** Ask for everything again: after a gap in the stream, or when a call had failed. */
  reload(): void {
    this.#load([...this.#entries].filter(([, entry]) => entry.pixels > 0).map(([name]) => name));
  }

  /** Hear of names from the first point on, while there is no chart that asks for points. */
  listen(): void {
    if (!this.#isClosed) this.#watch(0);
  }

  /** Stop watching. */
  close(): void {
    this.#isClosed = true;
    clearTimeout(this.#settling);
    this.#unwatch?.();
  }

  #entry(name: string): Entry {
    let entry = this.#entries.get(name);
    if (!entry) {
      const [track, bump] = createSignal(0);
      entry = { series: undefined, pixels: 0, track, bump };
      this.#entries.set(name, entry);
    }
    return entry;
  }

  #load(names: readonly string[]): void {
    for (const name of names) this.#pending.add(name);
    if (this.#isScheduled || this.#pending.size === 0) return;
    this.#isScheduled = true;
    // Charts that appear together share one request.
    setTimeout(() => void this.#request(), 0);
  }

  async #request(): Promise<void> {
    this.#isScheduled = false;
    const names = [...this.#pending];
    const window = this.#window;
    const weight = this.#weight;
    this.#pending.clear();
    if (this.#loading === 0) this.#arrived = [];
    this.#loading += 1;
    try {
      const frame = await this.#query(names, window, weight);
      if (this.#isClosed) return;
      // A newer window was chosen meanwhile: its own answer is under way.
      if (window === this.#window) this.#take(names, frame, weight);
      this.#setError(null);
    } catch (error) {
      this.#setError(error);
    } finally {
      this.#loading -= 1;
    }
  }

  async #query(names: readonly string[], window: StepWindow, weight: number): Promise<SeriesFrame> {
    const width = Math.max(...names.map((name) => this.#entry(name).pixels), 64);
    const response = await fetchApi("/api/training/metrics/query", {
      method: "POST",
      headers: { accept: COLUMNS_TYPE, "content-type": "application/json" },
      body: JSON.stringify({
        runs: [this.#run],
        names,
        width: Math.min(width, 8192),
        ...(weight > 0 ? { smoothing: { kind: "ema", weight } } : {}),
        ...(window ? { first_step: window.first, last_step: window.last } : {}),
      }),
    });
    return decodeSeries(await response.arrayBuffer());
  }

  #take(names: readonly string[], frame: SeriesFrame, weight: number): void {
    const cursor = frame.cursors[this.#run];
    const found = new Map(frame.series.map((series) => [series.name, series]));
    for (const name of names) {
      const series = found.get(name);
      const points = series
        ? new Points(series.step, series.value, series.wallMs).withAverage(series.average, weight)
        : Points.empty();
      this.#entry(name).series = { points, isExact: series?.isExact ?? true };
    }
    for (const one of this.#arrived) {
      if (cursor === undefined || one.seq > cursor) this.#append(one, names);
    }
    for (const name of names) this.#entry(name).bump(bumpOne);
    this.#watch(cursor);
  }

  #watch(since: number | undefined): void {
    this.#unwatch ??= watchRun(
      this.#run,
      { onColumns: (frames) => this.#receive(frames), onGap: () => this.reload() },
      since,
    );
  }

  #receive(frames: readonly ColumnsFrame[]): void {
    if (this.#loading > 0) this.#arrived.push(...frames);
    const touched = new Set<string>();
    const unknown = new Set<string>();
    for (const frame of frames) {
      this.#append(frame, frame.names);
      for (const name of frame.names) {
        touched.add(name);
        if (!this.#entries.has(name)) unknown.add(name);
      }
    }
    for (const name of touched) this.#entries.get(name)?.bump(bumpOne);
    this.#onFrames(frames);
    const known = untrack(this.newNames);
    const news = [...unknown].filter((name) => !known.includes(name));
    if (news.length > 0) this.#setNewNames([...known, ...news]);
  }

  #append(frame: ColumnsFrame, only: readonly string[]): void {
    for (const [row, name] of frame.names.entries()) {
      const entry = this.#entries.get(name);
      const values = frame.values[row];
      if (!entry?.series || !values || !only.includes(name)) continue;
      for (const [i, step] of frame.step.entries()) {
        if (this.#window && (step < this.#window.first || step > this.#window.last)) continue;
        entry.series.points.append(step, numberOf(values[i] ?? "NaN"), frame.wall_ms[i] ?? 0);
      }
      const before = entry.series.points.n;
      entry.series.points.thin(entry.pixels);
      if (entry.series.points.n < before) entry.series.isExact = false;
    }
  }
}
