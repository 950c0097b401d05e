import { type Accessor, createSignal, type Setter } from "solid-js";
import { fetchApi } from "~/api/client";
import { COLUMNS_TYPE, decodeSeries, type SeriesFrame } from "~/api/columns";
import { type ColumnsFrame, numberOf, watchRun } from "~/api/live";
import { Points } from "~/charts/points";
import { isSameWindow, type RunsWindow } from "./view";

/** A run, and when it began: its times are counted from there. */
export interface StartedRun {
  id: string;
  started_ms: number;
}

export interface LoadedRun {
  points: Points;
  /** Every logged point of the window is there. */
  isExact: boolean;
}

interface Entry {
  byRun: Map<string, LoadedRun>;
  isLoaded: boolean;
  pixels: number;
  track: Accessor<number>;
  bump: Setter<number>;
}

/** Fifty runs that train move the charts four times a second, not fifty times a frame. */
const REDRAW_MS = 250;
const MOST_PIXELS = 4096;
/** A slider is let go before the server is asked. */
const SETTLE_MS = 150;

/**
 * The same metrics of many runs: one request for all that the charts in view ask for, then live.
 * History and stream overlap by design; points that came twice are kept once.
 */
export class RunsStore {
  readonly error: Accessor<unknown>;
  readonly #setError: Setter<unknown>;
  readonly #runs: readonly StartedRun[];
  readonly #starts: ReadonlyMap<string, number>;
  readonly #live: ReadonlySet<string>;
  readonly #entries = new Map<string, Entry>();
  readonly #pending = new Set<string>();
  readonly #touched = new Set<string>();
  readonly #unwatch = new Map<string, () => void>();
  #window: RunsWindow | null = null;
  #weight = 0;
  #settling: ReturnType<typeof setTimeout> | undefined;
  #isScheduled = false;
  #redraw: ReturnType<typeof setTimeout> | undefined;
  #loading = 0;
  #arrived: ColumnsFrame[] = [];
  #isClosed = false;

  /** `live` are those of `runs` that may still log. */
  constructor(runs: readonly StartedRun[], live: readonly string[]) {
    this.#runs = runs;
    this.#starts = new Map(runs.map((run) => [run.id, Math.round(run.started_ms)]));
    this.#live = new Set(live);
    [this.error, this.#setError] = createSignal<unknown>(null);
  }

  /** A metric of every run that has it, undefined until it is loaded; tracks every change. */
  series(name: string): ReadonlyMap<string, LoadedRun> | undefined {
    const entry = this.#entry(name);
    entry.track();
    return entry.isLoaded ? entry.byRun : undefined;
  }

  /** Load a metric for a chart `pixels` wide, unless it is there already. */
  need(name: string, pixels: number): void {
    const entry = this.#entry(name);
    if (entry.pixels > 0 && pixels <= entry.pixels * 1.5) return;
    entry.pixels = Math.min(pixels, MOST_PIXELS);
    this.#load([name]);
  }

  /** Show another stretch: what is loaded is asked for anew at full detail. */
  setWindow(window: RunsWindow | null): void {
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
    this.#load([...this.#entries].filter(([, entry]) => entry.pixels > 0).map(([name]) => name));
  }

  /** Stop watching. */
  close(): void {
    this.#isClosed = true;
    clearTimeout(this.#redraw);
    clearTimeout(this.#settling);
    for (const unwatch of this.#unwatch.values()) unwatch();
    this.#unwatch.clear();
  }

  #entry(name: string): Entry {
    let entry = this.#entries.get(name);
    if (!entry) {
      const [track, bump] = createSignal(0);
      entry = { byRun: new Map(), isLoaded: false, pixels: 0, track, bump };
      this.#entries.set(name, entry);
    }
    return entry;
  }

  #load(names: readonly string[]): void {
    for (const name of names) this.#pending.add(name);
    if (this.#isScheduled || this.#pending.size === 0 || this.#runs.length === 0) return;
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

  async #query(
    names: readonly string[],
    window: RunsWindow | null,
    weight: number,
  ): Promise<SeriesFrame> {
    const width = Math.max(...names.map((name) => this.#entry(name).pixels), 64);
    const response = await fetchApi("/api/training/metrics/query", {
      method: "POST",
      headers: { accept: COLUMNS_TYPE, "content-type": "application/json" },
      body: JSON.stringify({
        runs: this.#runs.map((run) => run.id),
        names,
        width,
        ...(weight > 0 ? { smoothing: { kind: "ema", weight } } : {}),
        ...this.#windowQuery(window),
      }),
    });
    return decodeSeries(await response.arrayBuffer());
  }

  #windowQuery(window: RunsWindow | null): object {
    if (!window) return {};
    const { kind, first, last } = window;
    if (kind === "steps") return { first_step: first, last_step: last };
    const ends = { first_wall_ms: first, last_wall_ms: last };
    return kind === "wall" ? ends : { ...ends, starts_ms: [...this.#starts.values()] };
  }

  #isOutside(run: string, step: number, wallMs: number): boolean {
    if (!this.#window) return false;
    const { kind, first, last } = this.#window;
    const start = kind === "since" ? (this.#starts.get(run) ?? 0) : 0;
    const at = kind === "steps" ? step : wallMs - start;
    return at < first || at > last;
  }

  #take(names: readonly string[], frame: SeriesFrame, weight: number): void {
    for (const name of names) {
      const entry = this.#entry(name);
      entry.byRun = new Map();
      entry.isLoaded = true;
    }
    for (const { run, name, step, value, wallMs, isExact, average } of frame.series) {
      const points = new Points(step, value, wallMs).withAverage(average, weight);
      this.#entry(name).byRun.set(run, { points, isExact });
    }
    for (const one of this.#arrived) {
      const cursor = frame.cursors[one.run];
      if (cursor === undefined || one.seq > cursor) this.#append(one, names);
    }
    for (const name of names) this.#entry(name).bump((count) => count + 1);
    for (const run of this.#live) this.#watch(run, frame.cursors[run]);
  }

  #watch(run: string, since: number | undefined): void {
    if (this.#unwatch.has(run)) return;
    const stop = watchRun(
      run,
      { onColumns: (frames) => this.#receive(frames), onGap: () => this.reload() },
      since,
    );
    this.#unwatch.set(run, stop);
  }

  #receive(frames: readonly ColumnsFrame[]): void {
    if (this.#loading > 0) this.#arrived.push(...frames);
    for (const frame of frames) {
      this.#append(frame, frame.names);
      for (const name of frame.names) this.#touched.add(name);
    }
    this.#redraw ??= setTimeout(() => {
      this.#redraw = undefined;
      for (const name of this.#touched) this.#entries.get(name)?.bump((count) => count + 1);
      this.#touched.clear();
    }, REDRAW_MS);
  }

  #append(frame: ColumnsFrame, only: readonly string[]): void {
    for (const [row, name] of frame.names.entries()) {
      const entry = this.#entries.get(name);
      const values = frame.values[row];
      if (!entry?.isLoaded || !values || !only.includes(name)) continue;
      let series = entry.byRun.get(frame.run);
      if (!series) {
        series = { points: Points.empty(), isExact: true };
        entry.byRun.set(frame.run, series);
      }
      for (const [i, step] of frame.step.entries()) {
        const wallMs = frame.wall_ms[i] ?? 0;
        if (this.#isOutside(frame.run, step, wallMs)) continue;
        series.points.append(step, numberOf(values[i] ?? "NaN"), wallMs);
      }
      const before = series.points.n;
      series.points.thin(entry.pixels);
      if (series.points.n < before) series.isExact = false;
    }
  }
}
