import { A, useNavigate, useSearchParams } from "@solidjs/router";
import FileUp from "lucide-solid/icons/file-up";
import { createSignal, type JSX, Match, onCleanup, Show, Switch } from "solid-js";
import { Problem } from "~/api/problem";
import type { ModelVersion } from "~/api/types";
import { Button } from "~/components/Button/Button";
import { bytesText } from "~/components/Bytes/Bytes";
import { Card } from "~/components/Card/Card";
import { ErrorNotice } from "~/components/ErrorNotice/ErrorNotice";
import { Field, Select, TextArea, TextInput } from "~/components/Field/Field";
import { PageHeader } from "~/components/PageHeader/PageHeader";
import { ProgressBar } from "~/components/ProgressBar/ProgressBar";
import { durationText } from "~/components/Time/Time";
import { toast } from "~/components/toast/toast";
import { createModel, refreshModels, useModels } from "../queries";
import styles from "./page.module.css";
import { metricsOf, nameFrom, type Progress, secondsLeft, sendVersion } from "./send";

const NEW = "";

/** /models/upload: a file becomes a version, with its progress shown. */
export default function UploadPage(): JSX.Element {
  const [query] = useSearchParams<{ model?: string }>();
  const models = useModels(() => "");
  const navigate = useNavigate();
  const [file, setFile] = createSignal<File | null>(null);
  const [model, setModel] = createSignal(query.model ?? NEW);
  const [name, setName] = createSignal("");
  const [description, setDescription] = createSignal("");
  const [metrics, setMetrics] = createSignal("");
  const [progress, setProgress] = createSignal<Progress | null>(null);
  const [error, setError] = createSignal<unknown>(null);
  let abort: AbortController | undefined;
  onCleanup(() => abort?.abort());

  const choose = (chosen: File | undefined): void => {
    if (!chosen) return;
    setFile(chosen);
    setError(null);
    if (name() === "") setName(nameFrom(chosen.name));
  };
  const parsed = (): Record<string, number> | string => metricsOf(metrics());
  const metricsError = (): string | undefined => {
    const found = parsed();
    return typeof found === "string" ? found : undefined;
  };
  const isReady = (): boolean =>
    file() !== null && (model() !== NEW || name() !== "") && metricsError() === undefined;

  const targetId = async (): Promise<string> => {
    if (model() !== NEW) return model();
    const same = models.data?.items.find((one) => one.name === name());
    const id = same ? same.id : (await createModel(name())).id;
    setModel(id);
    return id;
  };
  const send = async (): Promise<void> => {
    const chosen = file();
    const found = parsed();
    if (!chosen || typeof found === "string") return;
    setError(null);
    abort = new AbortController();
    setProgress({ sent_bytes: 0, total_bytes: chosen.size, rate: 0 });
    try {
      const facts = { description: description(), metrics: found };
      const id = await targetId();
      const version = await sendVersion(id, chosen, facts, setProgress, abort.signal);
      arrived(version);
    } catch (caught) {
      if (!(caught instanceof DOMException && caught.name === "AbortError")) setError(caught);
    } finally {
      setProgress(null);
    }
  };
  const arrived = (version: ModelVersion): void => {
    void refreshModels();
    toast(`v${version.version} is in the registry`, { kind: "success" });
    navigate(`/models/${version.model_id}`);
  };

  return (
    <>
      <PageHeader
        title="Upload a model"
        above={<A href="/models">Models</A>}
        subtitle="ONNX is served as it is. The file is read in a process of its own, and never run."
      />
      <Card>
        <form
          class={styles.form}
          onSubmit={(event) => {
            event.preventDefault();
            void send();
          }}
        >
          <DropZone file={file()} onChoose={choose} />
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
            </Show>
          </div>
          <Field label="Metrics" hint="As accuracy=0.97, loss=0.1" error={metricsError()}>
            <TextInput
              value={metrics()}
              onInput={(event) => setMetrics(event.currentTarget.value)}
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
              {(now) => <Sending progress={now()} onCancel={() => abort?.abort()} />}
            </Match>
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

function wording(error: unknown): unknown {
  if (error instanceof Problem && error.fields.length > 0 && error.fields[0]) {
    return new Error(`${error.fields[0].path.replace("$.", "")}: ${error.fields[0].message}`);
  }
  return error;
}

function DropZone(props: { file: File | null; onChoose: (file: File | undefined) => void }) {
  const [isOver, setIsOver] = createSignal(false);
  return (
    <label
      class={`${styles.drop} ${isOver() ? styles.over : ""}`}
      onDragOver={(event) => {
        event.preventDefault();
        setIsOver(true);
      }}
      onDragLeave={() => setIsOver(false)}
      onDrop={(event) => {
        event.preventDefault();
        setIsOver(false);
        props.onChoose(event.dataTransfer?.files[0]);
      }}
    >
      <FileUp size={28} aria-hidden="true" />
      <Show when={props.file} fallback={<span>Drop a model file here, or choose one</span>}>
        {(file) => (
          <span>
            <strong>{file().name}</strong>, {bytesText(file().size)}
          </span>
        )}
      </Show>
      <input
        type="file"
        class="visually-hidden"
        aria-label="Model file"
        accept=".onnx,.safetensors"
        onChange={(event) => props.onChoose(event.currentTarget.files?.[0])}
      />
    </label>
  );
}

function Sending(props: { progress: Progress; onCancel: () => void }): JSX.Element {
  const isSent = (): boolean => props.progress.sent_bytes >= props.progress.total_bytes;
  const left = (): string => {
    const seconds = secondsLeft(props.progress);
    return seconds === null ? "" : `, ${durationText(seconds)} left`;
  };
  return (
    <div class={styles.sending} role="status">
      <ProgressBar
        label="Upload"
        value={isSent() ? undefined : props.progress.sent_bytes}
        max={props.progress.total_bytes}
      />
      <span class="figures">
        <Show when={!isSent()} fallback="The server looks into the file">
          {bytesText(props.progress.sent_bytes)} of {bytesText(props.progress.total_bytes)},{" "}
          {bytesText(props.progress.rate)}/s{left()}
        </Show>
      </span>
      <Button onClick={props.onCancel}>Cancel</Button>
    </div>
  );
}
