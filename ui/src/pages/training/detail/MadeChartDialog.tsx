import X from "lucide-solid/icons/x";
import { createMemo, createSignal, For, type JSX, Show } from "solid-js";
import { LineChart } from "~/charts/LineChart";
import { COLORS } from "~/charts/series";
import { Button } from "~/components/Button/Button";
import { Field, TextInput } from "~/components/Field/Field";
import { Modal } from "~/components/Modal/Modal";
import { Skeleton } from "~/components/Skeleton/Skeleton";
import type { MadeChart } from "./arrangement";
import { matcherOf } from "./chart-groups";
import styles from "./made-chart.module.css";
import { createPanelLines, type PanelSource } from "./panel-lines";

export interface MadeChartDialogProps extends Omit<PanelSource, "spec" | "group"> {
  chart: MadeChart;
  isNew: boolean;
  onSave: (chart: MadeChart) => void;
  onClose: () => void;
}

/** What is listed without a search, and what one chart may draw before nobody tells lines apart. */
const LISTED = 200;
const MOST_LINES = 40;

/** Choose the metrics of a chart by hand; they are drawn beside the choice. */
export default function MadeChartDialog(props: MadeChartDialogProps): JSX.Element {
  const [names, setNames] = createSignal<readonly string[]>(props.chart.names);
  const [title, setTitle] = createSignal(props.chart.title);
  const [isTried, setTried] = createSignal(false);
  const toggle = (name: string): void => {
    setNames((all) => (all.includes(name) ? all.filter((one) => one !== name) : [...all, name]));
  };
  const save = (event: SubmitEvent): void => {
    event.preventDefault();
    setTried(true);
    if (names().length === 0) return;
    const chosen = title().trim() || titleOf(names());
    props.onSave({ id: props.chart.id, title: chosen, names: names() });
    props.onClose();
  };
  return (
    <Modal
      open
      wide
      title={props.isNew ? "New chart" : "Edit chart"}
      onClose={props.onClose}
      actions={
        <>
          <Button variant="ghost" onClick={props.onClose}>
            Cancel
          </Button>
          <Button variant="primary" type="submit" form="made-chart">
            {props.isNew ? "Add chart" : "Save"}
          </Button>
        </>
      }
    >
      <form id="made-chart" class={styles.form} onSubmit={save}>
        <MetricList known={props.known} names={names()} onToggle={toggle} />
        <div class={styles.result}>
          <Field label="Title">
            <TextInput
              value={title()}
              placeholder={titleOf(names()) || "Named after its metrics"}
              maxlength="120"
              onInput={(event) => setTitle(event.currentTarget.value)}
            />
          </Field>
          <Chosen names={names()} known={props.known} onRemove={toggle} />
          <Show when={isTried() && names().length === 0}>
            <p class={styles.error} role="alert">
              Choose at least one metric.
            </p>
          </Show>
          <Show
            when={names().length > 0}
            fallback={<p class={styles.empty}>The chart shows here once a metric is chosen.</p>}
          >
            <Preview {...props} names={names()} />
          </Show>
        </div>
      </form>
    </Modal>
  );
}

/** The metrics by name; those of any name that fits can be chosen. */
function MetricList(props: {
  known: readonly string[];
  names: readonly string[];
  onToggle: (name: string) => void;
}): JSX.Element {
  const [search, setSearch] = createSignal("");
  const found = createMemo(() => {
    const fits = matcherOf(search().trim());
    return props.known.filter(fits).toSorted((a, b) => a.localeCompare(b));
  });
  const isFull = (): boolean => props.names.length >= MOST_LINES;
  return (
    <div class={styles.metrics}>
      <TextInput
        type="search"
        autofocus
        placeholder="Search metrics"
        aria-label="Search metrics"
        title="A part of the name, or a regular expression: ^val/ or loss|lr"
        value={search()}
        onInput={(event) => setSearch(event.currentTarget.value)}
        onKeyDown={(event) => {
          if (event.key === "Enter") event.preventDefault();
        }}
      />
      <fieldset class={styles.list}>
        <legend class="visually-hidden">Metrics of the run</legend>
        <For
          each={found().slice(0, LISTED)}
          fallback={<p class={styles.empty}>No metric of this run has “{search()}” in its name.</p>}
        >
          {(name) => (
            <label class={styles.one}>
              <input
                type="checkbox"
                checked={props.names.includes(name)}
                disabled={isFull() && !props.names.includes(name)}
                onChange={() => props.onToggle(name)}
              />
              <span>{name}</span>
            </label>
          )}
        </For>
      </fieldset>
      <p class={styles.hint} role="status">
        {props.names.length} chosen
        {isFull() ? ", which is the most" : ""}
        {found().length > LISTED ? `; ${found().length - LISTED} more: search for them` : ""}
      </p>
    </div>
  );
}

/** What is chosen, in the order of the colours. */
function Chosen(props: {
  names: readonly string[];
  known: readonly string[];
  onRemove: (name: string) => void;
}): JSX.Element {
  return (
    <ul class={styles.chosen} aria-label="Chosen metrics">
      <For each={props.names}>
        {(name, index) => (
          <li class={styles.chip}>
            <span
              class={styles.dot}
              style={{ background: `var(--series-${(index() % COLORS) + 1})` }}
            />
            <span>{name}</span>
            <Show when={!props.known.includes(name)}>
              <span class={styles.hint}>not in this run</span>
            </Show>
            <button
              type="button"
              aria-label={`Remove ${name}`}
              onClick={() => props.onRemove(name)}
            >
              <X size={13} />
            </button>
          </li>
        )}
      </For>
    </ul>
  );
}

function Preview(
  props: Omit<PanelSource, "spec" | "group"> & { names: readonly string[] },
): JSX.Element {
  const source: Omit<PanelSource, "group"> = {
    get spec() {
      return { title: "Preview", names: props.names.filter((name) => props.known.includes(name)) };
    },
    store: props.store,
    view: props.view,
    startMs: props.startMs,
    runName: props.runName,
    definitions: props.definitions,
    known: props.known,
  };
  const panel = createPanelLines(
    source,
    () => true,
    () => innerWidth,
  );
  return (
    <Show when={panel.isLoaded()} fallback={<Skeleton height="14rem" />}>
      <LineChart
        title="Preview"
        series={panel.drawn().lines}
        axis={panel.axis().kind}
        isLog={props.view.isLog()}
        isLogX={panel.isLogX()}
        isClipped={props.view.isClipped()}
        height={200}
      />
    </Show>
  );
}

function titleOf(names: readonly string[]): string {
  const [first, second, ...others] = names;
  if (others.length > 0) return `${first}, ${second} and ${others.length} more`;
  return names.join(" + ");
}
