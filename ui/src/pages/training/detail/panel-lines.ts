import { type Accessor, createEffect, createMemo, untrack } from "solid-js";
import { clockText, elapsedText } from "~/charts/format";
import type { ChartSeries } from "~/charts/series";
import type { CursorGroup } from "~/charts/sync";
import { type Definitions, type RunAxis, runAxis, stepsBetween } from "./axes";
import type { ChartSpec } from "./chart-groups";
import { linesOf, needLines, placed, withPositiveX } from "./chart-lines";
import type { SeriesStore, StepWindow } from "./series-store";
import type { ChartView } from "./view";

/** What one chart of a run is drawn from. */
export interface PanelSource {
  spec: ChartSpec;
  store: SeriesStore;
  view: ChartView;
  startMs: number;
  group?: CursorGroup;
  runName: string;
  /** What the run says of its metrics, and which it has. */
  definitions: Definitions;
  known: readonly string[];
}

/** The lines of a panel as they are now, and what is to be said of them. */
export interface PanelLines {
  axis: Accessor<RunAxis>;
  isLogX: () => boolean;
  isLoaded: Accessor<boolean>;
  /** Fewer points are drawn than there are. */
  isThinned: () => boolean;
  drawn: Accessor<{ lines: ChartSeries[]; nLeftOut: number }>;
  /** The run defines the x: charts over different metrics share no cursor. */
  isOwnX: () => boolean;
  xText: (x: number) => string;
  zoom: (from: number, to: number) => void;
}

/** Load and compute the lines of a chart `pixels` wide, while somebody sees it. */
export function createPanelLines(
  source: PanelSource,
  isInView: Accessor<boolean>,
  pixels: () => number,
): PanelLines {
  const names = (): readonly string[] => source.spec.names;
  const axis = createMemo(() =>
    runAxis(source.view.chosenX(), names()[0] ?? "", source.definitions, source.known),
  );
  createEffect(() => {
    if (isInView()) needLines(names(), source.store, axis(), pixels());
  });
  // Out of view the lines stay as they were: nothing is computed for what nobody sees.
  const lines = createMemo<ChartSeries[]>(
    (before) => {
      if (!isInView()) return before;
      return linesOf(names(), source.store, {
        axis: axis(),
        smoothing: source.view.smoothing(),
        smoothingKind: source.view.smoothingKind(),
        startMs: source.startMs,
      });
    },
    [],
    { equals: (a, b) => a === b },
  );
  const isLogX = (): boolean => source.view.isLogX() && axis().kind !== "clock";
  return {
    axis,
    isLogX,
    isLoaded: createMemo(() => names().some((name) => source.store.series(name) !== undefined)),
    isThinned: () => names().some((name) => source.store.series(name)?.isExact === false),
    drawn: createMemo(() => (isLogX() ? withPositiveX(lines()) : { lines: lines(), nLeftOut: 0 })),
    isOwnX: () => source.view.chosenX() === "" && axis().metric !== null,
    xText: (x) => xText(x, axis()),
    zoom: (from, to) => {
      const window = untrack(() => windowOf(source, axis(), from, to));
      if (window) source.view.setWindow(window);
    },
  };
}

function xText(x: number, axis: RunAxis): string {
  if (axis.kind === "clock") return clockText(x);
  return axis.kind === "elapsed" ? elapsedText(x) : String(Number(x.toPrecision(8)));
}

/** The window of steps, or of times, that a stretch of x stands for. */
function windowOf(source: PanelSource, axis: RunAxis, from: number, to: number): StepWindow {
  if (axis.value === "wall" || axis.value === "relative") {
    const start = axis.value === "wall" ? 0 : source.startMs;
    return {
      first: Math.floor(start + from * 1000),
      last: Math.ceil(start + to * 1000),
      isWall: true,
    };
  }
  const longest = source.spec.names
    .flatMap((name) => placed(name, source.store, axis, source.startMs) ?? [])
    .toSorted((a, b) => b.points.n - a.points.n)[0];
  return longest ? stepsBetween(longest.points.steps(), longest.x, from, to) : null;
}
