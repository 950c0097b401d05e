import { For, type JSX, Match, Show, Switch } from "solid-js";
import type { MetricNumber, Run } from "~/api/types";
import { valueText } from "~/charts/format";
import { runColour } from "~/charts/run-colour";
import { StatusChip } from "~/components/StatusChip/StatusChip";
import { Duration, Time } from "~/components/Time/Time";
import styles from "./cell.module.css";
import { type Column, configValue, metricOf, tagValue } from "./columns";
import { fieldText, valueText as filterValue } from "./filter-text";

export interface CellProps {
  run: Run;
  column: Column;
  /** Narrow the list to what a chip says. */
  onNarrow: (condition: string) => void;
}

/** What a run says in one column. */
export function Cell(props: CellProps): JSX.Element {
  const key = (): string => props.column.key;
  return (
    <Switch fallback={<Text run={props.run} column={props.column} />}>
      <Match when={key() === "name"}>
        <span
          class={styles.dot}
          style={{ background: runColour(props.run.id) }}
          aria-hidden="true"
        />
        {/* Not the router's A: it watches the address, in each of the rows. */}
        <a class={styles.name} href={`/training/${props.run.id}`} title={props.run.name}>
          {props.run.name}
        </a>
      </Match>
      <Match when={key() === "status"}>
        <StatusChip status={props.run.status} title={props.run.reason} />
      </Match>
      <Match when={key() === "tags"}>
        <Tags tags={props.run.tags} onNarrow={props.onNarrow} />
      </Match>
      <Match when={key() === "project"}>
        <button
          type="button"
          class={styles.text}
          title={`Only project ${props.run.project}`}
          onClick={() => props.onNarrow(`project = ${filterValue(props.run.project)}`)}
        >
          {props.run.project}
        </button>
      </Match>
      <Match when={key() === "duration"}>
        <Duration from={props.run.started_at ?? props.run.created_at} to={props.run.completed_at} />
      </Match>
      <Match when={props.column.kind === "time"}>
        <Time value={timeOf(props.run, key())} />
      </Match>
      <Match when={metricOf(key())}>{(name) => <Metric value={props.run.summary[name()]} />}</Match>
    </Switch>
  );
}

function Metric(props: { value: MetricNumber | undefined }): JSX.Element {
  const isOdd = (): boolean => typeof props.value === "string";
  return (
    <span
      class={isOdd() ? styles.odd : styles.figure}
      title={props.value === undefined ? undefined : String(props.value)}
    >
      {numberText(props.value)}
    </span>
  );
}

/** Four significant figures: what fits under each other and still tells runs apart. */
export function numberText(value: MetricNumber | null | undefined): string {
  if (value === undefined || value === null) return "–";
  return typeof value === "number" ? valueText(Number(value.toPrecision(4))) : value;
}

const SHOWN_TAGS = 2;

function Tags(props: {
  tags: readonly string[];
  onNarrow: (condition: string) => void;
}): JSX.Element {
  return (
    <span class={styles.tags} title={props.tags.join(", ")}>
      <For each={props.tags.slice(0, SHOWN_TAGS)}>
        {(tag) => (
          <button
            type="button"
            class={styles.tag}
            aria-label={`Only runs with the tag ${tag}`}
            onClick={() => props.onNarrow(tagCondition(tag))}
          >
            {tag}
          </button>
        )}
      </For>
      <Show when={props.tags.length > SHOWN_TAGS}>
        <span class={styles.rest}>+{props.tags.length - SHOWN_TAGS}</span>
      </Show>
    </span>
  );
}

/** The condition that a tag stands for: `team=vision` is a key with a value. */
export function tagCondition(tag: string): string {
  const found = /^([^=:]+)[=:](.+)$/.exec(tag);
  if (!found?.[1] || found[2] === undefined) return `tag = ${JSON.stringify(tag)}`;
  return `${fieldText(`tags.${found[1]}`)} = ${JSON.stringify(found[2])}`;
}

function timeOf(run: Run, key: string): string | null {
  if (key === "started_at") return run.started_at;
  if (key === "completed_at") return run.completed_at;
  if (key === "deleted_at") return run.deleted_at;
  return run.created_at;
}

function Text(props: { run: Run; column: Column }): JSX.Element {
  const value = (): unknown => plainValue(props.run, props.column.key);
  const text = (): string => configText(value());
  return (
    <span class={typeof value() === "number" ? styles.figure : styles.plain} title={text()}>
      {text() || "–"}
    </span>
  );
}

function plainValue(run: Run, key: string): unknown {
  if (key.startsWith("config.")) return configValue(run.config, key.slice("config.".length));
  if (key.startsWith("tags.")) return tagValue(run.tags, key.slice("tags.".length));
  switch (key) {
    case "model_type":
      return run.model_type;
    case "group":
      return run.group;
    case "notes":
      return run.notes;
    case "user":
      return run.user_id;
    case "id":
      return run.id;
    default:
      return undefined;
  }
}

/** A config value in one line: numbers short, all else as it is. */
export function configText(value: unknown): string {
  if (value === undefined || value === null) return "";
  if (typeof value === "number") return valueText(value);
  if (typeof value === "string") return value;
  return JSON.stringify(value);
}
