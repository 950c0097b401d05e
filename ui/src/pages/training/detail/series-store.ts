import { type Accessor, batch, createSignal, type Setter, untrack } from "solid-js";
import { fetchApi } from "~/api/client";
import { COLUMNS_TYPE, decodeSeries, type SeriesFrame } from "~/api/columns";
import { type ColumnsFrame, numberOf, watchRun } from "~/api/live";
import { Points } from "~/charts/points";

/** A stretch of steps, or of wall times in ms, both ends included; null is the whole run. */
export type StepWindow = { first: number; last: number; isWall?: boolean } | null;

export interface LoadedSeries {
  points: Points;
  /** Every logged point of the window is there. */
  isExact: boolean;
  /** The x of the points where the server joined them with another metric. */
  x?: Float64Array | undefined;
}

interface Entry {
  name: string;
  /** The metric that is x; only the server can join what it has thinned. */
  over: string | null;
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
  series(name: string, over: string | null = null): LoadedSeries | undefined {
    const entry = this.#entry(name, over);
    entry.track();
    return entry.series;
  }

  /** Load a series for a chart `pixels` wide, unless it is there already. */
  need(name: string, pixels: number, over: string | null = null): void {
    const entry = this.#entry(name, over);
    const isEnough = entry.pixels > 0 && pixels <= entry.pixels * 1.5;
    if (isEnough) return;
    entry.pixels = pixels;
    this.#load([keyOf(name, over)]);
  }

  /** Show another stretch of steps: what is loaded is asked for anew at full detail. */
  setWindow(window: StepWindow): void {
    if (isSameWindow(window, this.#window)) return;
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
    this.#load([...this.#entries].filter(([, entry]) => entry.pixels > 0).map(([key]) => key));
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

  #entry(name: string, over: string | null): Entry {
    const key = keyOf(name, over);
    let entry = this.#entries.get(key);
    if (!entry) {
      const [track, bump] = createSignal(0);
      entry = { name, over, series: undefined, pixels: 0, track, bump };
      this.#entries.set(key, entry);
    }
    return entry;
  }

  #load(keys: readonly string[]): void {
    for (const key of keys) this.#pending.add(key);
    if (this.#isScheduled || this.#pending.size === 0) return;
    this.#isScheduled = true;
    // Charts that appear together share one request.
    setTimeout(() => this.#requestAll(), 0);
  }

  #requestAll(): void {
    this.#isScheduled = false;
    const entries = [...this.#pending].flatMap((key) => this.#entries.get(key) ?? []);
    this.#pending.clear();
    for (const over of new Set(entries.map((entry) => entry.over))) {
      const alike = entries.filter((entry) => entry.over === over);
      void this.#request(alike, over);
    }
  }

  async #request(entries: readonly Entry[], over: string | null): Promise<void> {
    const window = this.#window;
    const weight = this.#weight;
    if (this.#loading === 0) this.#arrived = [];
    this.#loading += 1;
    try {
      const frame = await this.#query(entries, over, window, weight);
      if (this.#isClosed) return;
      // A newer window was chosen meanwhile: its own answer is under way.
      if (window === this.#window) this.#take(entries, frame, weight);
      this.#setError(null);
    } catch (error) {
      this.#setError(error);
    } finally {
      this.#loading -= 1;
    }
  }

  async #query(
    entries: readonly Entry[],
    over: string | null,
    window: StepWindow,
    weight: number,
  ): Promise<SeriesFrame> {
    const width = Math.max(...entries.map((entry) => entry.pixels), 64);
    const response = await fetchApi("/api/training/metrics/query", {
      method: "POST",
      headers: { accept: COLUMNS_TYPE, "content-type": "application/json" },
      body: JSON.stringify({
        runs: [this.#run],
        names: entries.map((entry) => entry.name),
        width: Math.min(width, 8192),
        ...(weight > 0 ? { smoothing: { kind: "ema", weight } } : {}),
        ...(over === null ? {} : { x: { metric: over } }),
        ...windowQuery(window),
      }),
    });
    return decodeSeries(await response.arrayBuffer());
  }

  #take(entries: readonly Entry[], frame: SeriesFrame, weight: number): void {
    const cursor = frame.cursors[this.#run];
    const found = new Map(frame.series.map((series) => [series.name, series]));
    for (const entry of entries) {
      const series = found.get(entry.name);
      const points = series
        ? new Points(series.step, series.value, series.wallMs).withAverage(series.average, weight)
        : Points.empty();
      entry.series = { points, isExact: series?.isExact ?? true, x: series?.x };
    }
    // What was joined stays as it came: its live tail is that of the plain series.
    const names = entries.filter((entry) => entry.over === null).map((entry) => entry.name);
    for (const one of this.#arrived) {
      if (cursor === undefined || one.seq > cursor) this.#append(one, names);
    }
    showAll(entries);
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
    showAll([...touched].flatMap((name) => this.#entries.get(name) ?? []));
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
        if (isOutside(this.#window, step, frame.wall_ms[i] ?? 0)) continue;
        entry.series.points.append(step, numberOf(values[i] ?? "NaN"), frame.wall_ms[i] ?? 0);
      }
      const before = entry.series.points.n;
      entry.series.points.thin(entry.pixels);
      if (entry.series.points.n < before) entry.series.isExact = false;
    }
  }
}

/** In one go: a chart of several series is computed once, not once for each of them. */
function showAll(entries: readonly Entry[]): void {
  batch(() => {
    for (const entry of entries) entry.bump(bumpOne);
  });
}

/** No name holds a line break. */
function keyOf(name: string, over: string | null): string {
  return over === null ? name : `${name}\n${over}`;
}

function isSameWindow(a: StepWindow, b: StepWindow): boolean {
  return (
    a?.first === b?.first && a?.last === b?.last && (a?.isWall ?? false) === (b?.isWall ?? false)
  );
}

function isOutside(window: StepWindow, step: number, wallMs: number): boolean {
  if (!window) return false;
  const at = window.isWall ? wallMs : step;
  return at < window.first || at > window.last;
}

function windowQuery(window: StepWindow): Record<string, number> {
  if (!window) return {};
  if (window.isWall) return { first_wall_ms: window.first, last_wall_ms: window.last };
  return { first_step: window.first, last_step: window.last };
}
