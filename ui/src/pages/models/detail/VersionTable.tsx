import { A } from "@solidjs/router";
import { createSignal, For, type JSX, Show } from "solid-js";
import type { Model, ModelVersion } from "~/api/types";
import { Button } from "~/components/Button/Button";
import { Bytes } from "~/components/Bytes/Bytes";
import { Table } from "~/components/Table/Table";
import { Time } from "~/components/Time/Time";
import { aliasesOf, Chip, VersionBadges } from "../parts/Chips";
import { metricText } from "../parts/metrics";
import { mayWrite } from "../parts/rights";
import parts from "../parts/parts.module.css";
import styles from "./page.module.css";
import { type Ask, VersionDialogs } from "./VersionDialogs";
import { VersionMenu } from "./VersionMenu";

/** Beyond these the table would be wider than anybody reads; all are on the version's page. */
const METRICS = 6;
/** What most come for is among the newest. */
const ROWS = 100;

export interface VersionTableProps {
  model: Model;
  versions: readonly ModelVersion[];
  metrics: readonly string[];
  chosen: readonly number[];
  /** As many are chosen as can be compared. */
  isFull: boolean;
  onToggle: (version: number) => void;
}

/** The versions as rows, newest first. */
export function VersionTable(props: VersionTableProps): JSX.Element {
  const [asked, setAsked] = createSignal<{ version: ModelVersion; what: Ask } | null>(null);
  const [isWhole, setWhole] = createSignal(false);
  const metrics = (): readonly string[] => props.metrics.slice(0, METRICS);
  const shown = (): readonly ModelVersion[] =>
    isWhole() ? props.versions : props.versions.slice(0, ROWS);
  return (
    <>
      <Table
        caption={`Versions of ${props.model.name}`}
        head={
          <>
            <th scope="col">
              <span class="visually-hidden">Compare</span>
            </th>
            <th scope="col">Version</th>
            <th scope="col">State</th>
            <th scope="col">Format</th>
            <th scope="col" data-numeric="">
              Size
            </th>
            <For each={metrics()}>
              {(name) => (
                <th scope="col" data-numeric="">
                  {name}
                </th>
              )}
            </For>
            <th scope="col">Run</th>
            <th scope="col">Made</th>
            <th scope="col">
              <span class="visually-hidden">Actions</span>
            </th>
          </>
        }
      >
        <For each={shown()}>
          {(version) => (
            <tr>
              <td>
                <Show when={props.versions.length > 1}>
                  <input
                    type="checkbox"
                    aria-label={`Compare v${version.version}`}
                    checked={props.chosen.includes(version.version)}
                    disabled={props.isFull && !props.chosen.includes(version.version)}
                    onChange={() => props.onToggle(version.version)}
                  />
                </Show>
              </td>
              <th scope="row">
                <span class={parts.chips}>
                  <A href={`/models/${props.model.id}?version=${version.version}`}>
                    v{version.version}
                  </A>
                  <For each={aliasesOf(props.model.aliases, version.version)}>
                    {(alias) => <Chip tone="alias">{alias}</Chip>}
                  </For>
                  <For each={version.tags}>{(tag) => <Chip>{tag}</Chip>}</For>
                </span>
              </th>
              <td>
                <VersionBadges version={version} requiresApproval={props.model.requires_approval} />
              </td>
              <td>{version.format}</td>
              <td data-numeric="">
                <Bytes value={version.file_size} />
              </td>
              <For each={metrics()}>
                {(name) => (
                  <td data-numeric="">
                    <Show when={version.metrics[name] !== undefined} fallback="–">
                      {metricText(version.metrics[name] ?? Number.NaN)}
                    </Show>
                  </td>
                )}
              </For>
              <td>
                <Show when={version.training_run_id} fallback="–">
                  {(run) => (
                    <A href={`/training/${run()}`} title={run()}>
                      …{run().slice(-6)}
                    </A>
                  )}
                </Show>
              </td>
              <td class={styles.made}>
                <Time value={version.created_at} />
                <Show when={version.created_by_name}>
                  <span class={styles.soft}>{version.created_by_name}</span>
                </Show>
              </td>
              <td>
                <VersionMenu
                  version={version}
                  isMine={mayWrite(props.model.user_id)}
                  onAsk={(what) => setAsked({ version, what })}
                />
              </td>
            </tr>
          )}
        </For>
      </Table>
      <Show when={shown().length < props.versions.length}>
        <div class={styles.rest}>
          <Button size="small" onClick={() => setWhole(true)}>
            Show all {props.versions.length} versions
          </Button>
        </div>
      </Show>
      <VersionDialogs
        model={props.model}
        versions={props.versions}
        asked={asked()}
        onClose={() => setAsked(null)}
      />
    </>
  );
}
