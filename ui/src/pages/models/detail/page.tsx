import { A, useNavigate, useParams } from "@solidjs/router";
import Upload from "lucide-solid/icons/upload";
import { createSignal, For, type JSX, Match, Show, Switch } from "solid-js";
import type { Endpoint, Model, ModelVersion } from "~/api/types";
import { Button, ButtonLink } from "~/components/Button/Button";
import { Card } from "~/components/Card/Card";
import { EmptyState } from "~/components/EmptyState/EmptyState";
import { ErrorNotice, messageOf } from "~/components/ErrorNotice/ErrorNotice";
import { Field, TextArea } from "~/components/Field/Field";
import { Modal } from "~/components/Modal/Modal";
import { PageHeader } from "~/components/PageHeader/PageHeader";
import { Sharing } from "~/components/Sharing/Sharing";
import { Skeleton } from "~/components/Skeleton/Skeleton";
import { Sparkline } from "~/components/Sparkline/Sparkline";
import { StatusChip } from "~/components/StatusChip/StatusChip";
import { Time } from "~/components/Time/Time";
import { toast } from "~/components/toast/toast";
import { changeModel, deleteModel, useEndpointsOf, useModel, useVersions } from "../queries";
import { metricText, overVersions } from "./metrics";
import styles from "./page.module.css";
import { VersionCard } from "./VersionCard";

/** /models/:id: a model's card, its versions and where they are served. */
export default function ModelPage(): JSX.Element {
  const params = useParams<{ id: string }>();
  const model = useModel(() => params.id);
  const versions = useVersions(() => params.id);
  const endpoints = useEndpointsOf(() => params.id);
  return (
    <Switch>
      <Match when={model.isError && !model.data}>
        <PageHeader title="Model" above={<A href="/models">Models</A>} />
        <ErrorNotice error={model.error} onRetry={() => void model.refetch()} />
      </Match>
      <Match when={model.isPending}>
        <PageHeader title="Model" above={<A href="/models">Models</A>} />
        <Skeleton height="20rem" />
      </Match>
      <Match when={model.data}>
        {(found) => (
          <>
            <Head model={found()} versions={versions.data ?? []} />
            <Served endpoints={endpoints.data ?? []} />
            <MetricCards versions={versions.data ?? []} />
            <Description model={found()} />
            <h2 class={styles.heading}>Versions</h2>
            <Show when={versions.data} fallback={<Skeleton height="12rem" />}>
              {(list) => (
                <Show when={list().length > 0} fallback={<NoVersions name={found().name} />}>
                  <div class={styles.versions}>
                    <For each={list()}>
                      {(version) => <VersionCard model={found()} version={version} />}
                    </For>
                  </div>
                </Show>
              )}
            </Show>
          </>
        )}
      </Match>
    </Switch>
  );
}

function Head(props: { model: Model; versions: ModelVersion[] }): JSX.Element {
  const [asks, setAsks] = createSignal(false);
  const [busy, setBusy] = createSignal(false);
  const navigate = useNavigate();
  const remove = async (): Promise<void> => {
    setBusy(true);
    try {
      await deleteModel(props.model.id);
      toast(`Model ${props.model.name} is deleted`, { kind: "success" });
      navigate("/models");
    } catch (error) {
      toast(messageOf(error), { kind: "error" });
      setAsks(false);
    } finally {
      setBusy(false);
    }
  };
  return (
    <>
      <PageHeader
        title={props.model.name}
        above={<A href="/models">Models</A>}
        subtitle={
          <>
            {props.model.n_versions} {props.model.n_versions === 1 ? "version" : "versions"} ·
            changed <Time value={props.model.updated_at} />
          </>
        }
        actions={
          <>
            <Sharing
              noun="model"
              owner={props.model.user_id}
              visibility={props.model.visibility}
              onChange={(visibility) => changeModel(props.model.id, { visibility })}
            />
            <Button variant="ghost" onClick={() => setAsks(true)}>
              Delete
            </Button>
            <ButtonLink
              href={`/models/upload?model=${props.model.id}`}
              variant="primary"
              icon={<Upload size={16} />}
            >
              Upload a version
            </ButtonLink>
          </>
        }
      />
      <Modal
        open={asks()}
        onClose={() => setAsks(false)}
        title={`Delete ${props.model.name}?`}
        actions={
          <>
            <Button onClick={() => setAsks(false)}>Keep it</Button>
            <Button variant="danger" busy={busy()} onClick={() => void remove()}>
              Delete it for good
            </Button>
          </>
        }
      >
        <p>
          Its {props.versions.length} {props.versions.length === 1 ? "version goes" : "versions go"}{" "}
          with their files; the runs that made them stay. This cannot be undone.
        </p>
      </Modal>
    </>
  );
}

function Served(props: { endpoints: Endpoint[] }): JSX.Element {
  return (
    <Show when={props.endpoints.length > 0}>
      <ul class={styles.served} aria-label="Served by">
        <For each={props.endpoints}>
          {(endpoint) => (
            <li class={styles.endpoint}>
              <StatusChip status={endpoint.status} title={endpoint.reason ?? ""} />
              <A href={`/inference/endpoints?endpoint=${endpoint.id}`}>{endpoint.name}</A>
              <span>serves v{endpoint.version}</span>
            </li>
          )}
        </For>
      </ul>
    </Show>
  );
}

/** Each metric's way over the versions, oldest left. */
function MetricCards(props: { versions: ModelVersion[] }): JSX.Element {
  return (
    <div class={styles.metrics}>
      <For each={overVersions(props.versions)}>
        {(metric) => (
          <div class={styles.metric}>
            <span class={styles.metricName}>{metric.name}</span>
            <span class={styles.metricValue}>{metricText(metric.latest)}</span>
            <Show when={metric.values.length > 1}>
              <Sparkline
                values={metric.values}
                label={`${metric.name} over ${metric.values.length} versions`}
              />
            </Show>
          </div>
        )}
      </For>
    </div>
  );
}

function Description(props: { model: Model }): JSX.Element {
  const [edits, setEdits] = createSignal(false);
  const [text, setText] = createSignal("");
  const [busy, setBusy] = createSignal(false);
  const save = async (): Promise<void> => {
    setBusy(true);
    try {
      await changeModel(props.model.id, { description: text() });
      setEdits(false);
    } catch (error) {
      toast(messageOf(error), { kind: "error" });
    } finally {
      setBusy(false);
    }
  };
  const edit = (): void => {
    setText(props.model.description ?? "");
    setEdits(true);
  };
  return (
    <Card
      title="Description"
      actions={
        <Show when={!edits()}>
          <Button size="small" variant="ghost" onClick={edit}>
            {props.model.description ? "Edit" : "Write one"}
          </Button>
        </Show>
      }
    >
      <Show
        when={edits()}
        fallback={
          <p class={styles.description}>
            {props.model.description ||
              "What is it for, what was it trained on, where does it fail?"}
          </p>
        }
      >
        <Field label="Description" hideLabel>
          <TextArea
            rows="6"
            maxlength="65536"
            value={text()}
            onInput={(event) => setText(event.currentTarget.value)}
          />
        </Field>
        <div class={styles.buttons}>
          <Button onClick={() => setEdits(false)}>Cancel</Button>
          <Button variant="primary" busy={busy()} onClick={() => void save()}>
            Save
          </Button>
        </div>
      </Show>
    </Card>
  );
}

function NoVersions(props: { name: string }): JSX.Element {
  return (
    <EmptyState
      title="No versions yet"
      command={`run.log_model("model.onnx", name="${props.name}")`}
      language="python"
    >
      Keep one from a script, or upload a file.
    </EmptyState>
  );
}
