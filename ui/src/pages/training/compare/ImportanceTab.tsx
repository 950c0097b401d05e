import { createMemo, For, type JSX, Match, Show, Switch } from "solid-js";
import { Problem } from "~/api/problem";
import type { Importance } from "~/api/types";
import { EmptyState } from "~/components/EmptyState/EmptyState";
import { ErrorNotice } from "~/components/ErrorNotice/ErrorNotice";
import { Skeleton } from "~/components/Skeleton/Skeleton";
import { Table } from "~/components/Table/Table";
import { settled } from "~/api/settled";
import controls from "./controls.module.css";
import { FieldSelect } from "./FieldSelect";
import { type Field, fieldNamed, mainMetric } from "./fields";
import styles from "./importance.module.css";
import type { RunLook } from "./looks";
import { useImportance } from "./queries";
import type { CompareView } from "./view";

export interface ImportanceTabProps {
  fields: readonly Field[];
  looks: readonly RunLook[];
  view: CompareView;
}

const KINDS: Record<string, string> = { metric: "", lowest: ".min", highest: ".max" };
const WELL_EXPLAINED = 0.3;

/** Which parameters tell most of a metric, over the runs that are shown. */
export default function ImportanceTab(props: ImportanceTabProps): JSX.Element {
  const targets = createMemo(() =>
    props.fields.filter((one) => /^(metric|lowest|highest):/.test(one.id) && one.differs),
  );
  const target = createMemo(
    () => fieldNamed(targets(), props.view.text("target")) ?? mainMetric(props.fields),
  );
  const runs = createMemo(() => props.looks.map((look) => look.run.id), [], {
    equals: (a, b) => a.join() === b.join(),
  });
  const importance = useImportance(runs, () => targetText(target()?.id ?? ""));
  const isRefused = (): boolean =>
    importance.error instanceof Problem && [422, 501].includes(importance.error.status);
  return (
    <>
      <div class={controls.controls} role="group" aria-label="What is explained">
        <FieldSelect
          label="Explain"
          fields={targets()}
          value={target()?.id ?? ""}
          onChange={(id) => props.view.set("target", id)}
        />
      </div>
      <Switch fallback={<Computing nRuns={runs().length} />}>
        <Match when={!target()}>
          <EmptyState title="No metric to explain">
            It takes a metric that differs among these runs.
          </EmptyState>
        </Match>
        <Match when={importance.isError && isRefused()}>
          <EmptyState
            title="Not enough to go by"
            command={importance.error?.message.match(/pip install [^,]*\]"/)?.[0]}
          >
            {importance.error?.message}
          </EmptyState>
        </Match>
        <Match when={importance.isError}>
          <ErrorNotice error={importance.error} onRetry={() => void importance.refetch()} />
        </Match>
        <Match when={settled(importance)}>
          {(found) => (
            <Found
              found={found()}
              label={target()?.label ?? ""}
              isOld={importance.isPlaceholderData}
            />
          )}
        </Match>
      </Switch>
    </>
  );
}

/** What goes on, in a place as large as the answer. */
function Computing(props: { nRuns: number }): JSX.Element {
  return (
    <div class={controls.card} aria-busy="true">
      <p role="status">
        A random forest learns from {props.nRuns} runs. This takes a second or two, the first time a
        few more.
      </p>
      <Skeleton height="12rem" />
    </div>
  );
}

/** A target as filters name it: a name that is no plain word stands in quotes. */
export function targetText(id: string): string {
  const [kind = "", ...rest] = id.split(":");
  const name = rest.join(":");
  if (!name) return "";
  return `metrics.${JSON.stringify(name)}${KINDS[kind] ?? ""}`;
}

function Found(props: { found: Importance; label: string; isOld: boolean }): JSX.Element {
  const most = (): number => Math.max(...props.found.items.map((item) => item.importance), 1e-9);
  return (
    <div class={controls.card} aria-busy={props.isOld}>
      <p>{verdictOf(props.found, props.label)}</p>
      <Table
        caption={`What tells of ${props.label}`}
        head={
          <>
            <th scope="col">Parameter</th>
            <th scope="col">Importance</th>
            <th
              scope="col"
              data-numeric=""
              title="Rank correlation, from −1 to 1: which way the metric goes when the parameter rises"
            >
              Spearman
            </th>
            <th scope="col" data-numeric="">
              Runs
            </th>
          </>
        }
      >
        <For each={props.found.items}>
          {(item) => (
            <tr>
              <th scope="row">{item.key}</th>
              <td>
                <span class={styles.cell}>
                  <span class={styles.track} aria-hidden="true">
                    <span
                      class={styles.fill}
                      style={{ width: `${(Math.max(0, item.importance) / most()) * 100}%` }}
                    />
                  </span>
                  <span class={styles.number}>
                    {signed(item.importance)} <small>± {item.spread.toFixed(2)}</small>
                  </span>
                </span>
              </td>
              <td data-numeric="">{spearmanText(item.spearman)}</td>
              <td data-numeric="">{item.n_values}</td>
            </tr>
          )}
        </For>
      </Table>
      <p class={controls.note}>
        A random forest of {props.found.n_trees} trees learns {props.label} from the configurations.
        Importance is the share of its variance that the forest no longer explains, for runs it has
        not seen, once that parameter is shuffled; ± is its deviation. It tells what goes together,
        not what causes what.
      </p>
      <Show when={leftOut(props.found)}>{(text) => <p class={controls.note}>{text()}</p>}</Show>
    </div>
  );
}

/** What the numbers are worth, in a sentence. */
export function verdictOf(found: Importance, label: string): string {
  const r2 = `R² ${signed(found.r2)} out of bag, ${found.n_runs} runs`;
  if (found.r2 < 0)
    return `The configurations do not explain ${label} (${r2}): take what follows as noise.`;
  if (found.r2 < WELL_EXPLAINED)
    return `The configurations explain little of ${label} (${r2}): take what follows as a hint.`;
  return `The configurations explain ${label} (${r2}).`;
}

function signed(value: number): string {
  return value.toFixed(2).replace("-", "−").replace("−0.00", "0.00");
}

function leftOut(found: Importance): string {
  const parts: string[] = [];
  if (found.n_unfinished > 0) parts.push(`${found.n_unfinished} still running`);
  if (found.n_without_target > 0) parts.push(`${found.n_without_target} without a finite value`);
  const runs = parts.length > 0 ? `Runs left out: ${parts.join(", ")}.` : "";
  const keys =
    found.n_keys > found.items.length
      ? ` Of ${found.n_keys} parameters the most frequent were weighed.`
      : "";
  return runs + keys;
}

function spearmanText(value: number | null): string {
  if (value === null) return "–";
  return `${value > 0 ? "+" : value < 0 ? "−" : ""}${Math.abs(value).toFixed(2)}`;
}
