import { A } from "@solidjs/router";
import { For, type JSX } from "solid-js";
import type { Endpoint } from "~/api/types";
import { EmptyState } from "~/components/EmptyState/EmptyState";
import { StatusChip } from "~/components/StatusChip/StatusChip";
import { Panel } from "./Panel";
import styles from "./page.module.css";
import { useEndpoints } from "./queries";

export function Endpoints(): JSX.Element {
  const endpoints = useEndpoints();
  return (
    <Panel
      title="Endpoints"
      actions={<A href="/inference">All endpoints</A>}
      query={endpoints}
      empty={
        <EmptyState title="Nothing is served yet">
          Open a model's version and press Deploy: it then answers under its own address.
        </EmptyState>
      }
    >
      {(items) => (
        <ul class={styles.list}>
          <For each={items()}>{(endpoint) => <EndpointRow endpoint={endpoint} />}</For>
        </ul>
      )}
    </Panel>
  );
}

function EndpointRow(props: { endpoint: Endpoint }): JSX.Element {
  const p95 = (): string => {
    const value = props.endpoint.stats?.latency_p95;
    return value === null || value === undefined ? "–" : `${value.toFixed(1)} ms`;
  };
  return (
    <li class={styles.row}>
      <div class={styles.rowWords}>
        <A href={`/inference/endpoints?id=${props.endpoint.id}`} class={styles.name}>
          {props.endpoint.name}
        </A>
        <div class={styles.faint}>
          {props.endpoint.model_name} v{props.endpoint.version}
        </div>
      </div>
      <dl class={styles.figures}>
        <div>
          <dt>req/s</dt>
          <dd>{props.endpoint.stats?.requests_per_s.toFixed(1) ?? "–"}</dd>
        </div>
        <div>
          <dt>p95</dt>
          <dd>{p95()}</dd>
        </div>
      </dl>
      <span class={styles.state}>
        <StatusChip status={props.endpoint.status} title={props.endpoint.reason} />
      </span>
    </li>
  );
}
