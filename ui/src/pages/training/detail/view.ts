import { useSearchParams } from "@solidjs/router";
import { SMOOTHINGS, type SmoothingKind } from "~/charts/average";
import { axisOf, type XAxis } from "./axes";
import type { StepWindow } from "./series-store";

/** How the charts of a run are looked at; all of it is in the address. */
export interface ChartView {
  axis: () => XAxis;
  /** What is chosen as x, in full: an axis, `metric:NAME`, or nothing. */
  chosenX: () => string;
  isLogX: () => boolean;
  smoothing: () => number;
  smoothingKind: () => SmoothingKind;
  isLog: () => boolean;
  isClipped: () => boolean;
  filter: () => string;
  window: () => StepWindow;
  setAxis: (axis: XAxis) => void;
  setChosenX: (chosen: string) => void;
  setLogX: (isLog: boolean) => void;
  setSmoothing: (weight: number) => void;
  setSmoothingKind: (kind: SmoothingKind) => void;
  setLog: (isLog: boolean) => void;
  setClipped: (isClipped: boolean) => void;
  setFilter: (text: string) => void;
  setWindow: (window: StepWindow) => void;
}

export const MOST_SMOOTHING = 0.99;

/** Read and write the view. Defaults are left out of the address. */
export function useChartView(): ChartView {
  const [query, setQuery] = useSearchParams<{
    x: string;
    smooth: string;
    by: string;
    log: string;
    clip: string;
    f: string;
    steps: string;
    wall: string;
    logx: string;
  }>();
  const set = (change: Record<string, string | undefined>): void => {
    setQuery(change, { replace: true, scroll: false });
  };
  return {
    axis: () => axisOf(query.x).value,
    chosenX: () => query.x ?? "",
    isLogX: () => query.logx === "1",
    smoothing: () => clamp(Number(query.smooth ?? 0)),
    smoothingKind: () => SMOOTHINGS.find((one) => one.value === query.by)?.value ?? "ema",
    isLog: () => query.log === "1",
    isClipped: () => query.clip === "1",
    filter: () => query.f ?? "",
    window: () => windowOf(query.steps) ?? wallOf(query.wall),
    setAxis: (axis) => set({ x: axis === "step" ? undefined : axis }),
    setChosenX: (chosen) => set({ x: chosen || undefined }),
    setLogX: (isLog) => set({ logx: isLog ? "1" : undefined }),
    setSmoothing: (weight) => set({ smooth: weight > 0 ? String(weight) : undefined }),
    setSmoothingKind: (kind) => set({ by: kind === "ema" ? undefined : kind }),
    setClipped: (isClipped) => set({ clip: isClipped ? "1" : undefined }),
    setLog: (isLog) => set({ log: isLog ? "1" : undefined }),
    setFilter: (text) => set({ f: text || undefined }),
    setWindow: (window) => {
      const text = window ? `${window.first}-${window.last}` : undefined;
      set(window?.isWall ? { wall: text, steps: undefined } : { steps: text, wall: undefined });
    },
  };
}

function clamp(weight: number): number {
  return Number.isFinite(weight) ? Math.min(MOST_SMOOTHING, Math.max(0, weight)) : 0;
}

function windowOf(text: string | undefined): StepWindow {
  const match = /^(\d+)-(\d+)$/.exec(text ?? "");
  if (!match) return null;
  const [first, last] = [Number(match[1]), Number(match[2])];
  return first < last ? { first, last } : null;
}

function wallOf(text: string | undefined): StepWindow {
  const window = windowOf(text);
  return window && { ...window, isWall: true };
}
