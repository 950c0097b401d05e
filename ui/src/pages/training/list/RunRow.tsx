import { A } from "@solidjs/router";
import { For, type JSX, Show } from "solid-js";
import type { MetricNumber, Run } from "~/api/types";
import { valueText } from "~/charts/format";
import { StatusChip } from "~/components/StatusChip/StatusChip";
import { Duration, Time } from "~/components/Time/Time";
import styles from "./table.module.css";

export interface RunRowProps {
  run: Run;
  columns: readonly string[];
  index: number;
  offset: number;
  isCurrent: boolean;
  isChosen: boolean;
  onToggle: (isRange: boolean) => void;
}

/** One run of the list. */
export function RunRow(props: RunRowProps): JSX.Element {
  return (
    <div
      class={styles.row}
      classList={{ [styles.current ?? ""]: props.isCurrent, [styles.chosen ?? ""]: props.isChosen }}
      role="row"
      aria-rowindex={props.index + 2}
      style={{ transform: `translateY(${props.offset}px)` }}
      data-run={props.run.id}
    >
      <span role="cell" class={styles.check}>
        <input
          type="checkbox"
          aria-label={`Select ${props.run.name}`}
          checked={props.isChosen}
          onClick={(event) => props.onToggle(event.shiftKey)}
        />
      </span>
      <span role="cell" class={styles.name}>
        <A href={`/training/${props.run.id}`} title={props.run.name}>
          {props.run.name}
        </A>
        <span class={styles.tags}>
          <Show when={props.run.model_type}>
            <span>{props.run.model_type}</span>
          </Show>
          <For each={props.run.tags.slice(0, 3)}>
            {(tag) => <span class={styles.tag}>{tag}</span>}
          </For>
        </span>
      </span>
      <span role="cell" class={styles.status}>
        <StatusChip status={props.run.status} title={props.run.reason} />
      </span>
      <span role="cell" class={styles.project} title={props.run.project}>
        {props.run.project}
      </span>
      <For each={props.columns}>
        {(name) => (
          <span role="cell" class={styles.metric} data-name={name}>
            {numberText(props.run.summary[name])}
          </span>
        )}
      </For>
      <span role="cell" class={styles.time}>
        <Duration from={props.run.started_at ?? props.run.created_at} to={props.run.completed_at} />
      </span>
      <span role="cell" class={styles.time}>
        <Time value={props.run.created_at} />
      </span>
    </div>
  );
}

function numberText(value: MetricNumber | undefined): string {
  if (value === undefined) return "–";
  return typeof value === "number" ? valueText(Number(value.toPrecision(4))) : value;
}
