import {
  createComputed,
  createEffect,
  createMemo,
  createSignal,
  type JSX,
  lazy,
  onCleanup,
  Show,
  Suspense,
} from "solid-js";
import { createStore, reconcile } from "solid-js/store";
import { ErrorNotice } from "~/components/ErrorNotice/ErrorNotice";
import { ArrangeBar } from "./ArrangeBar";
import { placed, type Placement } from "./arranged";
import { type MadeChart, newId } from "./arrangement";
import { type Definitions, SYSTEM_X } from "./axes";
import { chartGroups, isSystem, matcherOf } from "./chart-groups";
import { ChartGrid } from "./ChartGrid";
import { Controls } from "./Controls";
import { useFullScreenKey } from "./full-screen";
import type { SeriesStore } from "./series-store";
import { timesOf } from "./time-range";
import { useArrangement } from "./use-arrangement";
import { useChartView } from "./view";

const MadeChartDialog = lazy(() => import("./MadeChartDialog"));

interface ChartsTabProps {
  /** The metrics to show, by name. */
  names: readonly string[];
  hasEpoch: boolean;
  store: SeriesStore;
  startMs: number;
  runName: string;
  /** Whose arrangement of charts it is. */
  project: string;
  definitions: Definitions;
  /** Every metric of the run, also those that this tab does not show. */
  known: readonly string[];
  /** What to say where there is no metric. */
  empty: JSX.Element;
}

/** Charts of metrics under one cursor and one range of steps, arranged as somebody wants them. */
export default function ChartsTab(props: ChartsTabProps): JSX.Element {
  const view = useChartView();
  const arranging = useArrangement(() => props.project);
  const [draft, setDraft] = createSignal<MadeChart | null>(null);
  createEffect(() => props.store.setWindow(view.window()));
  createEffect(() =>
    props.store.setSmoothing(view.smoothingKind() === "ema" ? view.smoothing() : 0),
  );
  useZoomEnd(() => {
    if (view.window()) view.setWindow(null);
  });
  useFullScreenKey();
  const times = createMemo(() => timesOf(view.window(), props.store, props.names));
  // By id: a new answer with the same names builds no chart anew, a move none but those that moved.
  const [placement, place] = createStore<Placement>({ groups: [], hidden: [], absent: [] });
  createComputed(() => {
    const fits = matcherOf(view.filter());
    const isSystemTab = props.names.every(isSystem);
    const groups = chartGroups(props.names.filter(fits));
    const what = { groups, known: props.known, isSystemTab, fits };
    place(reconcile(placed(what, arranging.now())));
  });
  const edit = (chart: Partial<MadeChart>): void => {
    setDraft({ id: newId(arranging.now()), title: "", names: [], ...chart });
  };
  return (
    <Show when={props.names.length > 0} fallback={props.empty}>
      <Controls
        view={view}
        hasEpoch={props.hasEpoch}
        known={props.known}
        hasOwnX={Object.values(props.definitions).some((one) => one.step_metric)}
        usualX={props.names.every(isSystem) ? SYSTEM_X : "step"}
        times={times()}
      />
      <ArrangeBar placement={placement} arranging={arranging} onNew={() => edit({})} />
      <Show when={props.store.error()}>
        {(error) => <ErrorNotice error={error()} onRetry={() => props.store.reload()} />}
      </Show>
      <ChartGrid {...props} view={view} placement={placement} arranging={arranging} onEdit={edit} />
      <Show when={draft()} keyed>
        {(chart) => (
          <Suspense>
            <MadeChartDialog
              {...props}
              view={view}
              chart={chart}
              isNew={!arranging.now().made.some((one) => one.id === chart.id)}
              onSave={arranging.save}
              onClose={() => setDraft(null)}
            />
          </Suspense>
        )}
      </Show>
    </Show>
  );
}

/** Escape ends a zoom, but where it has something nearer to end. */
function useZoomEnd(end: () => void): void {
  const onKeyDown = (event: KeyboardEvent): void => {
    if (event.key !== "Escape" || event.defaultPrevented || document.fullscreenElement) return;
    const isElsewhere =
      event.target instanceof Element && event.target.closest("dialog, input, [role=menu]");
    if (!isElsewhere) end();
  };
  document.addEventListener("keydown", onKeyDown);
  onCleanup(() => document.removeEventListener("keydown", onKeyDown));
}
