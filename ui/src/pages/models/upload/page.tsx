import { A, useSearchParams } from "@solidjs/router";
import {
  createEffect,
  createSignal,
  type JSX,
  Match,
  onCleanup,
  onMount,
  Show,
  Switch,
} from "solid-js";
import { Problem } from "~/api/problem";
import type { Model, ModelVersion } from "~/api/types";
import { Button } from "~/components/Button/Button";
import { Card } from "~/components/Card/Card";
import { ErrorNotice } from "~/components/ErrorNotice/ErrorNotice";
import { Field, Select, TextArea, TextInput } from "~/components/Field/Field";
import { PageHeader } from "~/components/PageHeader/PageHeader";
import { createModel, refreshModels, useModels } from "../queries";
import { DropZone } from "./DropZone";
import { configOf, metricsOf, nameFrom, tagsOf } from "./facts";
import { type FileFacts, lookInto } from "./header";
import styles from "./page.module.css";
import { mostBytes, type Progress, Sending, type Target } from "./send";
import { SendingRow } from "./SendingRow";
import { UnfinishedList } from "./UnfinishedList";
import { allRemembered } from "./unfinished";

const NEW = "";

/** /models/upload: a file becomes a version, in parts that survive broken connections and reloads. */
export default function UploadPage(): JSX.Element {
  const [query] = useSearchParams<{ model?: string }>();
  const models = useModels(() => "");
  const [file, setFile] = createSignal<File | null>(null);
  const [facts, setFacts] = createSignal<FileFacts | null>(null);
  const [model, setModel] = createSignal(query.model ?? NEW);
  const [name, setName] = createSignal("");
  const [visibility, setVisibility] = createSignal<Model["visibility"]>("private");
  const [description, setDescription] = createSignal("");
  const [metrics, setMetrics] = createSignal("");
  const [tags, setTags] = createSignal("");
  const [config, setConfig] = createSignal("");
  const [progress, setProgress] = createSignal<Progress | null>(null);
  const [arrived, setArrived] = createSignal<ModelVersion | null>(null);
  const [error, setError] = createSignal<unknown>(null);
  let limit: number | undefined;
  let sending: Sending | null = null;

  onMount(() => {
    void mostBytes().then(
      (most) => (limit = most),
      () => undefined,
    );
  });
  warnBeforeLeaving(() => progress() !== null);
  // What was sent stays on the server; the same file goes on there.
  onCleanup(() => void sending?.pause());

  const choose = (chosen: File | undefined): void => {
    if (!chosen) return;
    setFile(chosen);
    setFacts(null);
    setError(null);
    setArrived(null);
    if (name() === "") setName(nameFrom(chosen.name));
    const begun = allRemembered().find(({ upload }) => isOf(upload, chosen));
    if (begun && models.data?.items.some((one) => one.id === begun.upload.model_id)) {
      setModel(begun.upload.model_id);
    }
    void look(chosen);
  };
  const look = async (chosen: File): Promise<void> => {
    const found = await lookInto(chosen, limit);
    if (file() === chosen) setFacts(found);
  };
  const parsed = (): Record<string, number> | string => metricsOf(metrics());
  const metricsError = (): string | undefined => {
    const found = parsed();
    return typeof found === "string" ? found : undefined;
  };
  const configError = (): string | undefined => {
    const found = configOf(config());
    return typeof found === "string" ? found : undefined;
  };
  const isReady = (): boolean =>
    facts() !== null &&
    facts()?.refusal === undefined &&
    (model() !== NEW || name() !== "") &&
    metricsError() === undefined &&
    configError() === undefined;

  const target = async (): Promise<Target> => {
    const chosen = models.data?.items.find((one) => one.id === model() || one.name === name());
    const found = model() === NEW && chosen?.name !== name() ? undefined : chosen;
    if (found) return { id: found.id, name: found.name };
    if (model() !== NEW) return { id: model(), name: "the model" };
    return createModel({ name: name(), visibility: visibility() });
  };
  const send = async (): Promise<void> => {
    const chosen = file();
    const found = parsed();
    const configured = configOf(config());
    if (!chosen || typeof found === "string" || typeof configured === "string") return;
    setError(null);
    try {
      const to = await target();
      setModel(to.id);
      const said = {
        description: description(),
        metrics: found,
        tags: tagsOf(tags()),
        config: configured,
      };
      sending = new Sending(to, chosen, said, setProgress);
      sending.start();
      setArrived(await sending.done);
      void refreshModels();
    } catch (caught) {
      if (!(caught instanceof DOMException && caught.name === "AbortError")) setError(caught);
    } finally {
      sending = null;
      setProgress(null);
    }
  };

  return (
    <>
      <PageHeader
        title="Upload a model"
        above={<A href="/models">Models</A>}
        subtitle="Files are read in a process of their own, and never run."
      />
      <Show when={file() === null}>
        <UnfinishedList />
      </Show>
      <Card>
        <form
          class={styles.form}
          onSubmit={(event) => {
            event.preventDefault();
            void send();
          }}
        >
          <DropZone file={file()} facts={facts()} isOff={progress() !== null} onChoose={choose} />
          <div class={styles.pair}>
            <Field label="Model">
              <Select value={model()} onChange={(event) => setModel(event.currentTarget.value)}>
                <option value={NEW}>A new model</option>
                {models.data?.items.map((one) => (
                  <option value={one.id} selected={one.id === model()}>
                    {one.name}
                  </option>
                ))}
              </Select>
            </Field>
            <Show when={model() === NEW}>
              <Field label="Name" hint="Letters, digits, dots, dashes">
                <TextInput
                  value={name()}
                  maxlength="128"
                  pattern="[A-Za-z0-9][A-Za-z0-9._\-]*"
                  onInput={(event) => setName(event.currentTarget.value)}
                />
              </Field>
              <Field label="Visible to">
                <Select
                  value={visibility()}
                  onChange={(event) =>
                    setVisibility(event.currentTarget.value === "team" ? "team" : "private")
                  }
                >
                  <option value="private">You and admins</option>
                  <option value="team">Everybody here</option>
                </Select>
              </Field>
            </Show>
          </div>
          <div class={styles.pair}>
            <Field label="Metrics" hint="As accuracy=0.97, loss=0.1" error={metricsError()}>
              <TextInput
                value={metrics()}
                onInput={(event) => setMetrics(event.currentTarget.value)}
              />
            </Field>
            <Field label="Tags" hint="As raw, checked">
              <TextInput value={tags()} onInput={(event) => setTags(event.currentTarget.value)} />
            </Field>
          </div>
          <Field
            label="Configuration"
            hint='What it was trained with, as JSON: {"lr": 0.001}'
            error={configError()}
          >
            <TextArea
              class={styles.config}
              value={config()}
              rows="2"
              onInput={(event) => setConfig(event.currentTarget.value)}
            />
          </Field>
          <Field label="Description" hint="What changed in this version?">
            <TextArea
              value={description()}
              maxlength="65536"
              onInput={(event) => setDescription(event.currentTarget.value)}
            />
          </Field>
          <Show when={error()}>{(caught) => <ErrorNotice error={wording(caught())} />}</Show>
          <Switch>
            <Match when={progress()}>
              {(now) => (
                <SendingRow
                  progress={now()}
                  onPause={() => void sending?.pause()}
                  onResume={() => sending?.resume()}
                  onCancel={() => void sending?.cancel()}
                />
              )}
            </Match>
            <Match when={arrived()}>{(version) => <Arrived version={version()} />}</Match>
            <Match when={true}>
              <div class={styles.buttons}>
                <Button variant="primary" type="submit" disabled={!isReady()}>
                  Upload
                </Button>
              </div>
            </Match>
          </Switch>
        </form>
      </Card>
    </>
  );
}

/** The version is there: what it is, and where to go from here. */
function Arrived(props: { version: ModelVersion }): JSX.Element {
  let link: HTMLAnchorElement | undefined;
  onMount(() => link?.focus());
  const page = (): string => `/models/${props.version.model_id}?version=${props.version.version}`;
  return (
    <div class={styles.arrived} role="status">
      <p>
        <strong>v{props.version.version}</strong> is in the registry, as {props.version.format}.
        <Show when={props.version.reason}>{(reason) => <> It is {reason()}.</>}</Show>
      </p>
      <A ref={(element) => (link = element)} href={page()} class={styles.open}>
        Open v{props.version.version}
      </A>
    </div>
  );
}

function isOf(begun: { filename: string; size: number; modified: number }, file: File): boolean {
  const isSame = begun.filename === file.name && begun.size === file.size;
  return isSame && begun.modified === file.lastModified;
}

function warnBeforeLeaving(isBusy: () => boolean): void {
  const warn = (event: BeforeUnloadEvent): void => event.preventDefault();
  createEffect(() => {
    if (!isBusy()) return;
    addEventListener("beforeunload", warn);
    onCleanup(() => removeEventListener("beforeunload", warn));
  });
}

function wording(error: unknown): unknown {
  if (error instanceof Problem && error.fields.length > 0 && error.fields[0]) {
    return new Error(`${error.fields[0].path.replace("$.", "")}: ${error.fields[0].message}`);
  }
  return error;
}
