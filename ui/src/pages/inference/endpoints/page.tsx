import { A, useSearchParams } from "@solidjs/router";
import { createSignal, For, type JSX, Match, Show, Switch } from "solid-js";
import type { Endpoint } from "~/api/types";
import { Button, ButtonLink } from "~/components/Button/Button";
import { Card } from "~/components/Card/Card";
import { EmptyState } from "~/components/EmptyState/EmptyState";
import { ErrorNotice, messageOf } from "~/components/ErrorNotice/ErrorNotice";
import { Field, Select, TextInput } from "~/components/Field/Field";
import { Modal } from "~/components/Modal/Modal";
import { PageHeader } from "~/components/PageHeader/PageHeader";
import { Sharing } from "~/components/Sharing/Sharing";
import { Skeleton } from "~/components/Skeleton/Skeleton";
import { StatusChip } from "~/components/StatusChip/StatusChip";
import { Time } from "~/components/Time/Time";
import { toast } from "~/components/toast/toast";
import { latencyText, rateText } from "../figures";
import {
  changeEndpoint,
  deleteEndpoint,
  startEndpoint,
  stopEndpoint,
  useEndpoints,
  useServableVersions,
} from "../queries";
import styles from "./page.module.css";
import { ConfigForm } from "./ConfigForm";
import { Replicas } from "./Replicas";
import { RolloutCard } from "./RolloutCard";
import { TryIt } from "./TryIt";

/** /inference/endpoints: start, stop, change and try what is served. */
export default function EndpointsPage(): JSX.Element {
  const [query] = useSearchParams<{ endpoint?: string }>();
  const endpoints = useEndpoints();
  const chosen = (): Endpoint | undefined =>
    endpoints.data?.find((one) => one.id === query.endpoint) ?? endpoints.data?.[0];
  return (
    <>
      <PageHeader
        title="Endpoints"
        above={<A href="/inference">Inference</A>}
        actions={<ButtonLink href="/models">Deploy a version</ButtonLink>}
      />
      <Switch>
        <Match when={endpoints.isError && !endpoints.data}>
          <ErrorNotice error={endpoints.error} onRetry={() => void endpoints.refetch()} />
        </Match>
        <Match when={endpoints.isPending}>
          <Skeleton height="20rem" />
        </Match>
        <Match when={endpoints.data?.length === 0}>
          <EmptyState
            title="Nothing is served yet"
            command="axon deploy digits:1"
            actions={<ButtonLink href="/models">Choose a version to deploy</ButtonLink>}
          />
        </Match>
        <Match when={chosen()}>
          {(endpoint) => (
            <div class={styles.columns}>
              <List endpoints={endpoints.data ?? []} chosen={endpoint().id} />
              <div class={styles.detail}>
                <Detail endpoint={endpoint()} />
                <Show when={endpoint().status === "running"}>
                  <TryIt endpoint={endpoint()} />
                </Show>
                <Show when={endpoint().status === "running"}>
                  <RolloutCard endpoint={endpoint()} />
                </Show>
                <Replicas id={endpoint().id} />
              </div>
            </div>
          )}
        </Match>
      </Switch>
    </>
  );
}

function List(props: { endpoints: Endpoint[]; chosen: string }): JSX.Element {
  return (
    <nav aria-label="Endpoints">
      <ul class={styles.list}>
        <For each={props.endpoints}>
          {(endpoint) => (
            <li>
              <A
                href={`/inference/endpoints?endpoint=${endpoint.id}`}
                class={styles.item}
                aria-current={endpoint.id === props.chosen ? "page" : undefined}
              >
                <span class={styles.itemName}>{endpoint.name}</span>
                <StatusChip status={endpoint.status} />
                <span class={styles.itemMeta}>
                  v{endpoint.version} · {rateText(endpoint.stats?.requests_per_s)} · p95{" "}
                  {latencyText(endpoint.stats?.latency_p95)}
                </span>
              </A>
            </li>
          )}
        </For>
      </ul>
    </nav>
  );
}

function Detail(props: { endpoint: Endpoint }): JSX.Element {
  const [busy, setBusy] = createSignal("");
  const [asks, setAsks] = createSignal(false);
  const act = async (name: string, work: () => Promise<unknown>): Promise<void> => {
    setBusy(name);
    try {
      await work();
    } catch (error) {
      toast(messageOf(error), { kind: "error" });
    } finally {
      setBusy("");
      setAsks(false);
    }
  };
  const isUp = (): boolean => ["running", "starting"].includes(props.endpoint.status);
  return (
    <Card
      title={
        <>
          {props.endpoint.name}{" "}
          <StatusChip status={props.endpoint.status} title={props.endpoint.reason ?? ""} />
        </>
      }
      actions={
        <>
          <ButtonLink
            size="small"
            variant="ghost"
            href={`/inference/metrics?endpoint=${props.endpoint.id}`}
          >
            Over time
          </ButtonLink>
          <Show
            when={isUp()}
            fallback={
              <Button
                size="small"
                variant="primary"
                busy={busy() === "start"}
                onClick={() => void act("start", () => startEndpoint(props.endpoint.id))}
              >
                Start
              </Button>
            }
          >
            <Button
              size="small"
              busy={busy() === "stop"}
              onClick={() => void act("stop", () => stopEndpoint(props.endpoint.id))}
            >
              Stop
            </Button>
          </Show>
          <Sharing
            noun="endpoint"
            owner={props.endpoint.user_id}
            visibility={props.endpoint.visibility}
            onChange={(visibility) => changeEndpoint(props.endpoint.id, { visibility })}
          />
          <Button size="small" variant="ghost" onClick={() => setAsks(true)}>
            Delete
          </Button>
        </>
      }
    >
      <Show when={props.endpoint.reason}>
        <p class={styles.reason} role="alert">
          {props.endpoint.reason}
        </p>
      </Show>
      <Figures endpoint={props.endpoint} />
      <Changes endpoint={props.endpoint} busy={busy()} act={act} />
      <ConfigForm endpoint={props.endpoint} busy={busy()} act={act} />
      <Modal
        open={asks()}
        onClose={() => setAsks(false)}
        title={`Delete the endpoint ${props.endpoint.name}?`}
        actions={
          <>
            <Button onClick={() => setAsks(false)}>Keep it</Button>
            <Button
              variant="danger"
              busy={busy() === "delete"}
              onClick={() => void act("delete", () => deleteEndpoint(props.endpoint.id))}
            >
              Delete it
            </Button>
          </>
        }
      >
        <p>
          It stops after the requests that it has, and its figures go. The model and its versions
          stay.
        </p>
      </Modal>
    </Card>
  );
}

function Figures(props: { endpoint: Endpoint }): JSX.Element {
  return (
    <dl class={styles.figures}>
      <div>
        <dt>Serves</dt>
        <dd>
          <A href={`/models/${props.endpoint.model_id}?version=${props.endpoint.version}`}>
            {props.endpoint.model_name}
          </A>{" "}
          v{props.endpoint.version}
        </dd>
      </div>
      <div>
        <dt>Requests</dt>
        <dd class="figures">{rateText(props.endpoint.stats?.requests_per_s)}</dd>
      </div>
      <div>
        <dt>p50 / p95 / p99</dt>
        <dd class="figures">
          {latencyText(props.endpoint.stats?.latency_p50)} /{" "}
          {latencyText(props.endpoint.stats?.latency_p95)} /{" "}
          {latencyText(props.endpoint.stats?.latency_p99)}
        </dd>
      </div>
      <div>
        <dt>Waiting rows</dt>
        <dd class="figures">{props.endpoint.stats?.queued_rows ?? "–"}</dd>
      </div>
      <div>
        <dt>Changed</dt>
        <dd>
          <Time value={props.endpoint.updated_at} />
        </dd>
      </div>
    </dl>
  );
}

function Changes(props: {
  endpoint: Endpoint;
  busy: string;
  act: (name: string, work: () => Promise<unknown>) => Promise<void>;
}): JSX.Element {
  const versions = useServableVersions(() => props.endpoint.model_id);
  const [replicas, setReplicas] = createSignal<number | null>(null);
  const wanted = (): number => replicas() ?? props.endpoint.replicas ?? 1;
  return (
    <div class={styles.changes}>
      <Field label="Version" hint="The old one answers until the new one is ready.">
        <Select
          disabled={props.busy !== ""}
          onChange={(event) => {
            const id = event.currentTarget.value;
            void props.act("version", () =>
              changeEndpoint(props.endpoint.id, { model_version_id: id }),
            );
          }}
        >
          <For each={versions.data?.filter((version) => version.servable)}>
            {(version) => (
              <option value={version.id} selected={version.id === props.endpoint.model_version_id}>
                v{version.version}
              </option>
            )}
          </For>
        </Select>
      </Field>
      <Field label="Replicas" hint="Processes that answer side by side.">
        <div class={styles.inline}>
          <TextInput
            type="number"
            min="1"
            max="64"
            value={wanted()}
            onInput={(event) => setReplicas(event.currentTarget.valueAsNumber)}
          />
          <Button
            busy={props.busy === "replicas"}
            disabled={wanted() === props.endpoint.replicas || !(wanted() >= 1 && wanted() <= 64)}
            onClick={() =>
              void props.act("replicas", async () => {
                await changeEndpoint(props.endpoint.id, { replicas: wanted() });
                setReplicas(null);
              })
            }
          >
            Set
          </Button>
        </div>
      </Field>
    </div>
  );
}
