import { A } from "@solidjs/router";
import Zap from "lucide-solid/icons/zap";
import { For, type JSX, Match, Switch } from "solid-js";
import type { Endpoint } from "~/api/types";
import { ButtonLink } from "~/components/Button/Button";
import { Card } from "~/components/Card/Card";
import { EmptyState } from "~/components/EmptyState/EmptyState";
import { ErrorNotice } from "~/components/ErrorNotice/ErrorNotice";
import { PageHeader } from "~/components/PageHeader/PageHeader";
import { Skeleton } from "~/components/Skeleton/Skeleton";
import { StatusChip } from "~/components/StatusChip/StatusChip";
import { Table } from "~/components/Table/Table";
import { latencyText, rateText } from "../figures";
import { useEndpoints } from "../queries";
import styles from "./page.module.css";

/** /inference: how every endpoint does right now. */
export default function OverviewPage(): JSX.Element {
  const endpoints = useEndpoints();
  return (
    <>
      <PageHeader
        title="Inference"
        subtitle="Figures of the last ten seconds."
        actions={
          <>
            <ButtonLink href="/inference/metrics">Over time</ButtonLink>
            <ButtonLink href="/inference/endpoints" variant="primary">
              Endpoints
            </ButtonLink>
          </>
        }
      />
      <Switch>
        <Match when={endpoints.isError && !endpoints.data}>
          <ErrorNotice error={endpoints.error} onRetry={() => void endpoints.refetch()} />
        </Match>
        <Match when={endpoints.isPending}>
          <Skeleton height="16rem" />
        </Match>
        <Match when={endpoints.data?.length === 0}>
          <EmptyState
            title="Nothing is served yet"
            icon={<Zap size={28} />}
            command="axon deploy digits:1"
            actions={<ButtonLink href="/models">Deploy from a model's page</ButtonLink>}
          >
            An endpoint is a model's version under a name that answers predictions.
          </EmptyState>
        </Match>
        <Match when={endpoints.data}>
          {(list) => (
            <>
              <Totals endpoints={list()} />
              <Card flush>
                <Table
                  caption="Endpoints"
                  head={
                    <>
                      <th scope="col">Endpoint</th>
                      <th scope="col">Status</th>
                      <th scope="col">Serves</th>
                      <th scope="col">Requests</th>
                      <th scope="col">p50</th>
                      <th scope="col">p95</th>
                      <th scope="col">p99</th>
                      <th scope="col">Errors</th>
                    </>
                  }
                >
                  <For each={list()}>{(endpoint) => <Row endpoint={endpoint} />}</For>
                </Table>
              </Card>
            </>
          )}
        </Match>
      </Switch>
    </>
  );
}

function Totals(props: { endpoints: Endpoint[] }): JSX.Element {
  const running = (): number => props.endpoints.filter((one) => one.status === "running").length;
  const rate = (): number =>
    props.endpoints.reduce((sum, one) => sum + (one.stats?.requests_per_s ?? 0), 0);
  const errors = (): number =>
    props.endpoints.reduce((sum, one) => sum + (one.stats?.requests_error ?? 0), 0);
  return (
    <dl class={styles.totals}>
      <div>
        <dt>Running</dt>
        <dd>
          {running()} of {props.endpoints.length}
        </dd>
      </div>
      <div>
        <dt>Requests</dt>
        <dd>{rateText(rate())}</dd>
      </div>
      <div>
        <dt>Errors, last 10 s</dt>
        <dd>{errors()}</dd>
      </div>
    </dl>
  );
}

function Row(props: { endpoint: Endpoint }): JSX.Element {
  return (
    <tr>
      <th scope="row" class={styles.name}>
        <A href={`/inference/endpoints?endpoint=${props.endpoint.id}`}>{props.endpoint.name}</A>
      </th>
      <td aria-label={props.endpoint.status}>
        <StatusChip status={props.endpoint.status} title={props.endpoint.reason ?? ""} />
      </td>
      <td>
        <A href={`/models/${props.endpoint.model_id}?version=${props.endpoint.version}`}>
          {props.endpoint.model_name}
        </A>{" "}
        v{props.endpoint.version}
      </td>
      <td class="figures">{rateText(props.endpoint.stats?.requests_per_s)}</td>
      <td class="figures">{latencyText(props.endpoint.stats?.latency_p50)}</td>
      <td class="figures">{latencyText(props.endpoint.stats?.latency_p95)}</td>
      <td class="figures">{latencyText(props.endpoint.stats?.latency_p99)}</td>
      <td class="figures">{props.endpoint.stats?.requests_error ?? "–"}</td>
    </tr>
  );
}
