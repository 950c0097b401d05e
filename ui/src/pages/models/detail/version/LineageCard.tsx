import { A } from "@solidjs/router";
import ArrowRight from "lucide-solid/icons/arrow-right";
import Box from "lucide-solid/icons/box";
import ChartLine from "lucide-solid/icons/chart-line";
import Zap from "lucide-solid/icons/zap";
import { For, type JSX, Show } from "solid-js";
import { settled } from "~/api/settled";
import type { Lineage } from "~/api/types";
import { Card } from "~/components/Card/Card";
import { ErrorNotice } from "~/components/ErrorNotice/ErrorNotice";
import { Skeleton } from "~/components/Skeleton/Skeleton";
import { StatusChip } from "~/components/StatusChip/StatusChip";
import { useLineage } from "../../version-queries";
import type { VersionProps } from "./VersionView";
import styles from "./version.module.css";

/** From the run over the version to the endpoints, each a link. */
export function LineageCard(props: VersionProps): JSX.Element {
  const lineage = useLineage(
    () => props.model.id,
    () => props.version.version,
  );
  return (
    <Card title="Lineage">
      <Show when={lineage.isError && !lineage.data}>
        <ErrorNotice error={lineage.error} onRetry={() => void lineage.refetch()} />
      </Show>
      <Show when={settled(lineage)} fallback={<Skeleton height="5rem" />}>
        {(found) => <Picture {...props} lineage={found()} />}
      </Show>
    </Card>
  );
}

function Picture(props: VersionProps & { lineage: Lineage }): JSX.Element {
  return (
    <ol class={styles.lineage} aria-label="From run to endpoint">
      <For each={props.lineage.parents.toReversed()}>
        {(parent) => (
          <Node icon={<ChartLine size={16} />} kind="Forked from">
            <A href={`/training/${parent.id}`}>{parent.name}</A>
            <StatusChip status={parent.status} />
          </Node>
        )}
      </For>
      <Show
        when={props.lineage.run}
        fallback={
          <Node icon={<ChartLine size={16} />} kind="Run" isFaint>
            {props.version.training_run_id ? "One that you cannot see" : "None: it was uploaded"}
          </Node>
        }
      >
        {(run) => (
          <Node icon={<ChartLine size={16} />} kind={`Run in ${run().project}`}>
            <A href={`/training/${run().id}`}>{run().name}</A>
            <StatusChip status={run().status} />
          </Node>
        )}
      </Show>
      <Node icon={<Box size={16} />} kind="Version" isHere>
        <A href={`/models/${props.model.id}`}>{props.model.name}</A> v{props.version.version}
      </Node>
      <Node
        icon={<Zap size={16} />}
        kind={props.lineage.endpoints.length > 1 ? "Endpoints" : "Endpoint"}
        isFaint={props.lineage.endpoints.length === 0}
      >
        <For each={props.lineage.endpoints} fallback="Not deployed">
          {(endpoint) => (
            <span class={styles.endpoint}>
              <A href={`/inference/endpoints?endpoint=${endpoint.endpoint_id}`}>{endpoint.name}</A>
              <StatusChip status={endpoint.status} />
            </span>
          )}
        </For>
      </Node>
    </ol>
  );
}

function Node(props: {
  icon: JSX.Element;
  kind: string;
  isHere?: boolean;
  isFaint?: boolean;
  children: JSX.Element;
}): JSX.Element {
  return (
    <li class={styles.step}>
      <ArrowRight class={styles.arrow} size={18} aria-hidden="true" />
      <div
        class={styles.node}
        classList={{
          [styles.here ?? ""]: props.isHere ?? false,
          [styles.faint ?? ""]: props.isFaint ?? false,
        }}
      >
        <span class={styles.kind}>
          {props.icon} {props.kind}
        </span>
        <span class={styles.what}>{props.children}</span>
      </div>
    </li>
  );
}
