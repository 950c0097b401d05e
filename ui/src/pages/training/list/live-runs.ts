import { createEffect, createMemo, on, onCleanup } from "solid-js";
import { createStore } from "solid-js/store";
import { type ColumnsFrame, type StatusData, watchRun } from "~/api/live";
import type { Run } from "~/api/types";
import { isActive } from "../run-actions";

const SETTLE_MS = 100;

type Patch = Partial<StatusData> & { summary?: Run["summary"] };

/**
 * Follow the runs of `inView` that are under way; returns how a run is now.
 *
 * What the stream says lies over what was read, run by run, and goes when the run is no longer
 * watched: put into the list itself, each frame would copy and compare ten thousand runs.
 */
export function createLiveRuns(inView: () => readonly Run[]): (run: Run) => Run {
  const [patches, setPatches] = createStore<Record<string, Patch | undefined>>({});
  const watched = new Map<string, () => void>();
  const wanted = createMemo(
    () =>
      inView()
        .filter(isActive)
        .map((run) => run.id),
    [],
    { equals: (a, b) => a.join() === b.join() },
  );

  const watch = (id: string): (() => void) =>
    watchRun(id, {
      onStatus: (data) => setPatches(id, (before) => ({ ...before, ...data })),
      onColumns: (frames) =>
        setPatches(id, (before) => ({
          ...before,
          summary: { ...before?.summary, ...lastValues(frames) },
        })),
    });
  const follow = (): void => {
    const ids = new Set(wanted());
    for (const [id, stop] of watched) {
      if (!ids.has(id)) {
        stop();
        watched.delete(id);
        setPatches(id, undefined);
      }
    }
    for (const id of ids) if (!watched.has(id)) watched.set(id, watch(id));
  };
  // Who scrolls past a thousand runs wants to hear of those where the scroll ends.
  let timer: ReturnType<typeof setTimeout> | undefined;
  createEffect(
    on(wanted, () => {
      clearTimeout(timer);
      timer = setTimeout(follow, SETTLE_MS);
    }),
  );
  onCleanup(() => {
    clearTimeout(timer);
    for (const stop of watched.values()) stop();
  });

  return (run) => {
    const patch = patches[run.id];
    if (!patch) return run;
    return { ...run, ...patch, summary: { ...run.summary, ...patch.summary } };
  };
}

function lastValues(frames: readonly ColumnsFrame[]): Run["summary"] {
  const summary: Run["summary"] = {};
  for (const frame of frames) {
    for (const [row, name] of frame.names.entries()) {
      const last = frame.values[row]?.at(-1);
      if (last !== undefined) summary[name] = last;
    }
  }
  return summary;
}
