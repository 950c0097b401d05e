import type { RunGroup, Spread } from "~/api/types";
import ChevronDown from "lucide-solid/icons/chevron-down";
import ChevronRight from "lucide-solid/icons/chevron-right";
import { For, type JSX, Show } from "solid-js";
import { configText, numberText } from "./Cell";
import { metricOf } from "./columns";
import styles from "./group.module.css";
import { metricText } from "./queries";
import { LaneBox, type TableGeometry } from "./LaneBox";
import table from "./table.module.css";

export interface GroupRowProps {
  by: string;
  group: RunGroup;
  geometry: TableGeometry;
  index: number;
  offset: number;
  isOpen: boolean;
  isCurrent: boolean;
  onToggle: () => void;
}

/** What runs with one value have in common: how many, in which states, mean ± spread. */
export function GroupRow(props: GroupRowProps): JSX.Element {
  const label = (): string => groupLabel(props.group);
  return (
    <div
      class={`${table.row} ${styles.group}`}
      classList={{ [table.current ?? ""]: props.isCurrent }}
      role="row"
      aria-rowindex={props.index + 2}
      style={{ transform: `translateY(${props.offset}px)` }}
      data-group={label()}
    >
      <span role="cell" aria-colindex={1} class={table.check}>
        <button
          type="button"
          class={styles.caret}
          aria-label={`${label()}: ${props.isOpen ? "hide" : "show"} its runs`}
          aria-expanded={props.isOpen}
          onClick={() => props.onToggle()}
        >
          <Show when={props.isOpen} fallback={<ChevronRight size={18} />}>
            <ChevronDown size={18} />
          </Show>
        </button>
      </span>
      <For each={props.geometry.keys()}>
        {(key) => (
          <LaneBox role="cell" lane={key} geometry={props.geometry}>
            {cellOf(key, props)}
          </LaneBox>
        )}
      </For>
    </div>
  );
}

function cellOf(key: string, props: GroupRowProps): JSX.Element {
  if (key === "name") {
    return (
      <>
        <span class={styles.label} title={`${props.by} = ${groupLabel(props.group)}`}>
          {groupLabel(props.group)}
        </span>
        <span class={styles.count}>n = {props.group.n_runs.toLocaleString("en")}</span>
      </>
    );
  }
  if (key === "status") return <States group={props.group} />;
  const metric = metricOf(key);
  return metric === undefined ? (
    ""
  ) : (
    <MeanAndSpread spread={props.group.metrics[metricText(metric)]} />
  );
}

function States(props: { group: RunGroup }): JSX.Element {
  const states = (): [string, number][] =>
    Object.entries(props.group.by_status)
      .filter(([, n]) => n > 0)
      .toSorted(([, a], [, b]) => b - a);
  const text = (): string =>
    states()
      .map(([state, n]) => `${n} ${state}`)
      .join(", ");
  return (
    <span class={styles.states} title={text()}>
      <For each={states()}>
        {([state, n]) => (
          <span data-state={state}>
            {n.toLocaleString("en")}
            <span class="visually-hidden"> {state}</span>
          </span>
        )}
      </For>
    </span>
  );
}

function MeanAndSpread(props: { spread: Spread | undefined }): JSX.Element {
  return (
    <Show
      when={props.spread && props.spread.n > 0 && props.spread}
      fallback={<span class={styles.figure}>–</span>}
    >
      {(spread) => (
        <span class={styles.spread} title={spreadTitle(spread())}>
          {numberText(spread().mean)} <span class={styles.std}>± {deviationText(spread())}</span>
        </span>
      )}
    </Show>
  );
}

/** One run has no spread. */
function deviationText(spread: Spread): string {
  return spread.n < 2 || spread.std === null ? "–" : twoFigures(spread.std);
}

function twoFigures(value: Spread["std"]): string {
  return typeof value === "number" ? numberText(Number(value.toPrecision(2))) : String(value);
}

function spreadTitle(spread: Spread): string {
  const parts = [`n ${spread.n}`, `mean ${spread.mean}`, `standard deviation ${spread.std ?? "–"}`];
  return [...parts, `lowest ${spread.min}`, `highest ${spread.max}`].join(" · ");
}

/** What the runs of a group share, as text. */
export function groupLabel(group: Pick<RunGroup, "value">): string {
  return group.value === null || group.value === undefined
    ? "(none)"
    : configText(group.value) || "(empty)";
}
