import { createUniqueId, For, type JSX, Show } from "solid-js";
import { createCursorGroup } from "~/charts/sync";
import { Button } from "~/components/Button/Button";
import { EmptyState } from "~/components/EmptyState/EmptyState";
import type { PlacedChart, PlacedGroup, Placement } from "./arranged";
import type { MadeChart } from "./arrangement";
import { chartGroups } from "./chart-groups";
import { ChartPanel } from "./ChartPanel";
import styles from "./charts.module.css";
import type { PanelSource } from "./panel-lines";
import type { PanelPlace } from "./PanelHead";
import type { Arranging } from "./use-arrangement";

export interface ChartGridProps extends Omit<PanelSource, "spec" | "group"> {
  names: readonly string[];
  placement: Placement;
  arranging: Arranging;
  onEdit: (chart: Partial<MadeChart>) => void;
}

/** The groups of charts; a chart that only moves within its group is not built anew. */
export function ChartGrid(props: ChartGridProps): JSX.Element {
  const cursor = createCursorGroup();
  const helpId = createUniqueId();
  return (
    <>
      <p id={helpId} hidden>
        Shift and an arrow key move the chart within its group, F shows it on the full screen.
      </p>
      <p class="visually-hidden" role="status">
        {props.arranging.said()}
      </p>
      <For each={props.placement.groups} fallback={<Nothing {...props} />}>
        {(group) => <Group {...props} group={group} cursor={cursor} helpId={helpId} />}
      </For>
    </>
  );
}

interface GroupProps extends ChartGridProps {
  group: PlacedGroup;
  cursor: PanelSource["group"];
  helpId: string;
}

function Group(props: GroupProps): JSX.Element {
  return (
    <details class={styles.group} open>
      <summary class={styles.groupTitle}>
        <span class={styles.groupName}>{props.group.title}</span>{" "}
        <span class={styles.count}>{props.group.charts.length}</span>
      </summary>
      <div class={styles.grid}>
        <For each={props.group.charts}>
          {(chart, at) => <GroupChart {...props} chart={chart} at={at()} />}
        </For>
      </div>
    </details>
  );
}

interface GroupChartProps extends GroupProps {
  chart: PlacedChart;
  /** Its place in the group, from 0. */
  at: number;
}

function GroupChart(props: GroupChartProps): JSX.Element {
  const place: PanelPlace = {
    get id() {
      return props.chart.id;
    },
    get isPinned() {
      return props.chart.isPinned;
    },
    get isMade() {
      return props.chart.isMade;
    },
    get place() {
      return props.at;
    },
    get count() {
      return props.group.charts.length;
    },
    get helpId() {
      return props.helpId;
    },
    onPin: (isPinned) => {
      props.arranging.pin(props.chart, isPinned);
      focusOn(props.chart.id, false);
    },
    onHide: () => {
      const beside = props.group.charts[props.at + 1] ?? props.group.charts[props.at - 1];
      props.arranging.hide(props.chart);
      if (beside) focusOn(beside.id, false);
    },
    onMove: (to) => {
      const asItComes = chartGroups(props.names).find((one) => one.title === props.group.title);
      const titles = asItComes?.charts.map((one) => one.title) ?? [];
      props.arranging.move(props.group, props.chart, to, titles);
      focusOn(props.chart.id, true);
    },
    onCopy: () => props.onEdit({ names: props.chart.names }),
    // With all of its metrics, also those that this run lacks.
    onEdit: () =>
      props.onEdit(props.arranging.now().made.find((one) => one.id === props.chart.id) ?? {}),
    onDelete: () => props.arranging.remove(props.chart.id),
  };
  return (
    <ChartPanel
      spec={props.chart}
      store={props.store}
      view={props.view}
      startMs={props.startMs}
      group={props.cursor}
      runName={props.runName}
      definitions={props.definitions}
      known={props.known}
      place={place}
    />
  );
}

/** A chart that moved takes the focus along; the page keeps its place where that is elsewhere. */
function focusOn(id: string, isFollowed: boolean): void {
  requestAnimationFrame(() => {
    const panel = document.querySelector(`[data-chart="${CSS.escape(id)}"]`);
    panel?.querySelector<HTMLElement>("header")?.focus({ preventScroll: true });
    if (isFollowed) panel?.scrollIntoView({ block: "nearest" });
  });
}

function Nothing(props: ChartGridProps): JSX.Element {
  const hidden = (): number => props.placement.hidden.length;
  return (
    <Show
      when={hidden() > 0}
      fallback={
        <EmptyState title="No metric has this in its name">
          Clear the filter to see all {props.names.length}.
        </EmptyState>
      }
    >
      <EmptyState title="Every chart here is hidden">
        <Button onClick={() => props.arranging.show(props.placement.hidden.map((one) => one.id))}>
          Show {hidden() === 1 ? "it" : `all ${hidden()}`}
        </Button>
      </EmptyState>
    </Show>
  );
}
