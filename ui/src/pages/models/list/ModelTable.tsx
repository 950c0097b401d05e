import { A, useNavigate } from "@solidjs/router";
import ArrowDown from "lucide-solid/icons/arrow-down";
import ArrowUp from "lucide-solid/icons/arrow-up";
import Trash from "lucide-solid/icons/trash";
import { createSignal, For, type JSX, Show } from "solid-js";
import type { Model } from "~/api/types";
import { Button } from "~/components/Button/Button";
import { Bytes } from "~/components/Bytes/Bytes";
import { StatusChip } from "~/components/StatusChip/StatusChip";
import { Table } from "~/components/Table/Table";
import { Time } from "~/components/Time/Time";
import { useHotkeys } from "~/hotkeys/hotkeys";
import { AliasChips, Chip } from "../parts/Chips";
import chips from "../parts/parts.module.css";
import { mayWrite } from "../parts/rights";
import { deleteModelSoon } from "./delete";
import styles from "./page.module.css";
import { type ModelsView, nextSort } from "./view";

export interface ModelTableProps {
  models: readonly Model[];
  view: ModelsView;
  /** Whether what is shown is of the view before, until the answer is there. */
  isStale: boolean;
  onChange: (change: Partial<ModelsView>) => void;
}

/** The models as rows; j and k move, Enter opens. */
export function ModelTable(props: ModelTableProps): JSX.Element {
  const navigate = useNavigate();
  const [at, setAt] = createSignal(-1);
  const rows = new Map<string, HTMLTableRowElement>();
  const move = (by: number): void => {
    const next = Math.min(props.models.length - 1, Math.max(0, at() + by));
    setAt(next);
    const id = props.models[next]?.id;
    if (id) rows.get(id)?.scrollIntoView({ block: "nearest" });
  };
  useHotkeys([
    { keys: "j", description: "Next model", run: () => move(1) },
    { keys: "k", description: "Previous model", run: () => move(-1) },
    {
      keys: "Enter",
      description: "Open the model",
      run: () => {
        const model = props.models[at()];
        if (model) navigate(`/models/${model.id}`);
      },
    },
    { keys: "Escape", description: "Leave the row", run: () => setAt(-1) },
  ]);
  const head = (column: string, name: string, isNumeric = false): JSX.Element => (
    <SortHead
      column={column}
      name={name}
      sort={props.view.sort}
      isNumeric={isNumeric}
      onSort={(sort) => props.onChange({ sort })}
    />
  );
  return (
    <div
      class={styles.rows}
      classList={{ [styles.stale ?? ""]: props.isStale }}
      aria-busy={props.isStale}
    >
      <Table
        caption="Models"
        head={
          <>
            {head("name", "Name")}
            <th scope="col">Latest</th>
            <th scope="col">Aliases</th>
            <th scope="col">Formats</th>
            {head("n_versions", "Versions", true)}
            {head("size", "Size", true)}
            <th scope="col">Deployed on</th>
            {head("updated_at", "Changed")}
            <th scope="col">
              <span class="visually-hidden">Actions</span>
            </th>
          </>
        }
      >
        <For each={props.models}>
          {(model, index) => (
            <ModelRow
              model={model}
              isCurrent={index() === at()}
              onTag={(tag) => props.onChange({ tag })}
              rowRef={(element) => rows.set(model.id, element)}
            />
          )}
        </For>
      </Table>
    </div>
  );
}

function SortHead(props: {
  column: string;
  name: string;
  sort: string;
  isNumeric: boolean;
  onSort: (sort: string) => void;
}): JSX.Element {
  const order = (): "ascending" | "descending" | "none" => {
    if (props.sort.replace("-", "") !== props.column) return "none";
    return props.sort.startsWith("-") ? "descending" : "ascending";
  };
  return (
    <th scope="col" aria-sort={order()} data-numeric={props.isNumeric ? "" : undefined}>
      <button
        type="button"
        class={styles.sort}
        onClick={() => props.onSort(nextSort(props.sort, props.column))}
      >
        {props.name}
        <Show when={order() !== "none"}>
          <Show when={order() === "descending"} fallback={<ArrowUp size={13} />}>
            <ArrowDown size={13} />
          </Show>
        </Show>
      </button>
    </th>
  );
}

function ModelRow(props: {
  model: Model;
  isCurrent: boolean;
  onTag: (tag: string) => void;
  rowRef: (element: HTMLTableRowElement) => void;
}): JSX.Element {
  return (
    <tr ref={props.rowRef} class={props.isCurrent ? styles.current : undefined}>
      <th scope="row" class={styles.name}>
        <div class={styles.named}>
          <A href={`/models/${props.model.id}`}>{props.model.name}</A>
          <Show when={props.model.tags.length > 0}>
            <span class={styles.tags}>
              <For each={props.model.tags}>
                {(tag) => (
                  <button
                    type="button"
                    class={chips.chip}
                    title={`Only models with the tag ${tag}`}
                    onClick={() => props.onTag(tag)}
                  >
                    <span>{tag}</span>
                  </button>
                )}
              </For>
            </span>
          </Show>
        </div>
      </th>
      <td>
        <Show when={props.model.latest_version} fallback="–">
          {(version) => <A href={`/models/${props.model.id}?version=${version()}`}>v{version()}</A>}
        </Show>
      </td>
      <td>
        <AliasChips modelId={props.model.id} aliases={props.model.aliases} />
      </td>
      <td>
        <span class={chips.chips}>
          <For each={props.model.formats} fallback="–">
            {(format) => <Chip>{format}</Chip>}
          </For>
        </span>
      </td>
      <td data-numeric="">{props.model.n_versions}</td>
      <td data-numeric="">
        <Show when={props.model.n_versions > 0} fallback="–">
          <Bytes value={props.model.size_bytes} />
        </Show>
      </td>
      <td>
        <ul class={styles.deployed}>
          <For each={props.model.deployed}>
            {(one) => (
              <li>
                <A href={`/inference/endpoints?endpoint=${one.endpoint_id}`}>{one.name}</A> v
                {one.version} <StatusChip status={one.status} />
              </li>
            )}
          </For>
        </ul>
        <Show when={props.model.deployed.length === 0}>–</Show>
      </td>
      <td class={styles.when}>
        <Time value={props.model.updated_at} />
      </td>
      <td>
        <Show when={mayWrite(props.model.user_id)}>
          <Button
            size="small"
            variant="ghost"
            icon={<Trash size={15} />}
            aria-label={`Delete ${props.model.name}`}
            onClick={() => deleteModelSoon(props.model)}
          />
        </Show>
      </td>
    </tr>
  );
}
