import { A } from "@solidjs/router";
import { For, type JSX, Show } from "solid-js";
import type { Model, ModelVersion } from "~/api/types";
import { Bytes } from "~/components/Bytes/Bytes";
import { Card } from "~/components/Card/Card";
import { Time } from "~/components/Time/Time";
import { VersionBadges } from "../parts/Chips";
import { metricText } from "../parts/metrics";
import styles from "./page.module.css";

/** The newest version at a glance. */
export function LatestVersion(props: { model: Model; version: ModelVersion }): JSX.Element {
  const metrics = (): [string, number][] => Object.entries(props.version.metrics);
  return (
    <Card
      title={
        <>
          Latest:{" "}
          <A href={`/models/${props.model.id}?version=${props.version.version}`}>
            v{props.version.version}
          </A>
        </>
      }
      actions={
        <VersionBadges version={props.version} requiresApproval={props.model.requires_approval} />
      }
    >
      <dl class={styles.figures}>
        <For each={metrics().slice(0, 6)}>
          {([name, value]) => (
            <div>
              <dt>{name}</dt>
              <dd class="figures">{metricText(value)}</dd>
            </div>
          )}
        </For>
      </dl>
      <p class={styles.soft}>
        {props.version.format}, <Bytes value={props.version.file_size} />, made{" "}
        <Time value={props.version.created_at} />
        <Show when={props.version.created_by_name}> by {props.version.created_by_name}</Show>
      </p>
    </Card>
  );
}
