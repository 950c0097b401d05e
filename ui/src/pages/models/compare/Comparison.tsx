import { A } from "@solidjs/router";
import Trophy from "lucide-solid/icons/trophy";
import { createMemo, createSignal, For, type JSX, Show } from "solid-js";
import type { Model, ModelVersion, VersionComparison } from "~/api/types";
import { Button } from "~/components/Button/Button";
import { EmptyState } from "~/components/EmptyState/EmptyState";
import { Time } from "~/components/Time/Time";
import { AliasDialog } from "../parts/AliasDialog";
import { aliasesOf, Chip } from "../parts/Chips";
import { mayWrite } from "../parts/rights";
import parts from "../parts/parts.module.css";
import styles from "./page.module.css";
import { type Cell, type Row, type Section, sectionsOf, shownSections } from "./rows";

export interface ComparisonProps {
  model: Model;
  /** Every version of the model, for the dialog that moves an alias. */
  versions: readonly ModelVersion[];
  comparison: VersionComparison;
  isAll: boolean;
  onAll: (isAll: boolean) => void;
}

/** The versions as columns; first only what differs. */
export function Comparison(props: ComparisonProps): JSX.Element {
  const [wanted, setWanted] = createSignal<{ version: number; alias: string } | null>(null);
  const sections = createMemo(() => sectionsOf(props.comparison));
  const shown = createMemo(() => shownSections(sections(), props.isAll));
  const count = (of: readonly Section[]): number =>
    of.reduce((sum, section) => sum + section.rows.length, 0);
  const usual = (): string =>
    "champion" in props.model.aliases
      ? "champion"
      : (Object.keys(props.model.aliases)[0] ?? "champion");
  return (
    <>
      <div class={styles.controls}>
        <label>
          <input
            type="checkbox"
            checked={!props.isAll}
            onChange={(event) => props.onAll(!event.currentTarget.checked)}
          />{" "}
          Only what differs
        </label>
        <span class={styles.soft} role="status">
          {count(shown())} of {count(sections())} rows; figures beside a metric say how far it is
          from the first version's
        </span>
      </div>
      <div class={styles.scroller} role="region" aria-label="Versions side by side" tabindex="0">
        <table class={styles.table}>
          <caption class="visually-hidden">Keys by row, versions by column</caption>
          <thead>
            <tr>
              <th scope="col" class={styles.key}>
                <span class="visually-hidden">Key</span>
              </th>
              <For each={props.comparison.versions}>
                {(version) => (
                  <th scope="col">
                    <ColumnHead
                      model={props.model}
                      version={version}
                      onPromote={() => setWanted({ version: version.version, alias: usual() })}
                    />
                  </th>
                )}
              </For>
            </tr>
          </thead>
          <For each={shown()}>
            {(section) => <SectionRows section={section} n={props.comparison.versions.length} />}
          </For>
        </table>
      </div>
      <Show when={shown().length === 0}>
        <EmptyState title="Nothing differs">
          These versions were given the same. Untick “Only what differs” to see what.
        </EmptyState>
      </Show>
      <AliasDialog
        model={props.model}
        versions={props.versions.map((one) => one.version)}
        wanted={wanted()}
        onClose={() => setWanted(null)}
      />
    </>
  );
}

function ColumnHead(props: {
  model: Model;
  version: ModelVersion;
  onPromote: () => void;
}): JSX.Element {
  return (
    <div class={styles.head}>
      <span class={parts.chips}>
        <A href={`/models/${props.model.id}?version=${props.version.version}`}>
          v{props.version.version}
        </A>
        <For each={aliasesOf(props.model.aliases, props.version.version)}>
          {(alias) => <Chip tone="alias">{alias}</Chip>}
        </For>
      </span>
      <span class={styles.soft}>
        <Time value={props.version.created_at} />
        <Show when={props.version.training_run_id}>
          {(run) => (
            <>
              {" "}
              by <A href={`/training/${run()}`}>its run</A>
            </>
          )}
        </Show>
      </span>
      <Show when={mayWrite(props.model.user_id)}>
        <Button
          size="small"
          icon={<Trophy size={14} />}
          aria-label={`Promote v${props.version.version}`}
          onClick={props.onPromote}
        >
          Promote
        </Button>
      </Show>
    </div>
  );
}

function SectionRows(props: { section: Section; n: number }): JSX.Element {
  return (
    <tbody>
      <tr class={styles.section}>
        <th scope="rowgroup" colspan={props.n + 1}>
          <span>{props.section.name}</span>
        </th>
      </tr>
      <For each={props.section.rows}>
        {(row) => (
          <tr classList={{ [styles.same ?? ""]: !row.differs }}>
            <th scope="row" class={styles.key} title={row.key}>
              {row.key}
            </th>
            <For each={row.cells}>{(cell) => <Value cell={cell} row={row} />}</For>
          </tr>
        )}
      </For>
    </tbody>
  );
}

function Value(props: { cell: Cell; row: Row }): JSX.Element {
  return (
    <td
      title={props.cell.title || undefined}
      classList={{
        [styles.best ?? ""]: props.cell.isBest,
        [styles.number ?? ""]: props.row.isNumeric,
        [styles.hash ?? ""]: props.row.isHash ?? false,
      }}
    >
      {props.cell.text}
      <Show when={props.cell.delta}>
        <span class={styles.delta}> {props.cell.delta}</span>
      </Show>
      <Show when={props.cell.isBest}>
        <span class={styles.mark}> best</span>
      </Show>
    </td>
  );
}
