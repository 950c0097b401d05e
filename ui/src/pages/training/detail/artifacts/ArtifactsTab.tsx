import { createEffect, createMemo, createSignal, For, type JSX, onCleanup, Show } from "solid-js";
import { watchRun } from "~/api/live";
import type { MediaKey } from "~/api/types";
import { Button } from "~/components/Button/Button";
import { Card } from "~/components/Card/Card";
import { EmptyState } from "~/components/EmptyState/EmptyState";
import { ErrorNotice } from "~/components/ErrorNotice/ErrorNotice";
import { Skeleton } from "~/components/Skeleton/Skeleton";
import styles from "./artifacts.module.css";
import { ArtifactCard, FileTable } from "./Files";
import { HistogramPanel } from "./HistogramPanel";
import { MediaPanel } from "./MediaPanel";
import { refreshMedia, useArtifacts, useFiles, useMediaKeys } from "./queries";

const FEW = 24;
const REFRESH_MS = 1000;

/** What the run logged beside numbers: pictures, histograms, tables, texts, files, artifacts. */
export default function ArtifactsTab(props: { runId: string }): JSX.Element {
  const run = (): string => props.runId;
  const keys = useMediaKeys(run);
  const files = useFiles(run);
  const artifacts = useArtifacts(run);
  const [wanted, setWanted] = createSignal("");
  const [limit, setLimit] = createSignal(FEW);
  createEffect(() => watchMedia(run()));
  const found = createMemo(() =>
    (keys.data?.items ?? []).filter((one) =>
      one.key.toLowerCase().includes(wanted().toLowerCase()),
    ),
  );
  const isPending = (): boolean => keys.isPending || files.isPending || artifacts.isPending;
  const isEmpty = (): boolean =>
    !keys.data?.items.length && !files.data?.length && !artifacts.data?.length;
  const failed = () => [keys, files, artifacts].find((one) => one.isError);
  return (
    <Show when={!isPending()} fallback={<Skeleton height="24rem" />}>
      <Show when={failed()}>
        {(one) => <ErrorNotice error={one().error} onRetry={() => void one().refetch()} />}
      </Show>
      <Show when={!isEmpty() || failed()} fallback={<Nothing />}>
        <div class={styles.parts}>
          <Show when={(keys.data?.items.length ?? 0) > 6}>
            <input
              type="search"
              class={styles.search}
              aria-label="Search the names"
              placeholder="Search images, tables, ..."
              value={wanted()}
              onInput={(event) => setWanted(event.currentTarget.value)}
            />
          </Show>
          <div class={styles.panels}>
            <For each={found().slice(0, limit())}>{(one) => <Panel runId={run()} of={one} />}</For>
          </div>
          <Show when={found().length > limit()}>
            <Button onClick={() => setLimit(limit() + FEW)}>
              Show more ({found().length - limit()} left)
            </Button>
          </Show>
          <For each={artifacts.data}>
            {(artifact) => <ArtifactCard runId={run()} artifact={artifact} />}
          </For>
          <Show when={files.data?.length}>
            <Card title="Files" flush>
              <FileTable caption="Files of the run" files={files.data ?? []} />
            </Card>
          </Show>
        </div>
      </Show>
    </Show>
  );
}

function Panel(props: { runId: string; of: MediaKey }): JSX.Element {
  return (
    <Show
      when={props.of.kind === "histogram"}
      fallback={<MediaPanel runId={props.runId} of={props.of} />}
    >
      <HistogramPanel runId={props.runId} of={props.of} />
    </Show>
  );
}

function Nothing(): JSX.Element {
  return (
    <EmptyState
      title="No images, tables or files"
      command={
        'run.log_image("samples", image, caption="epoch 3")\nrun.log_histogram("weights", layer.weight)\nrun.log_artifact("checkpoints/", name="checkpoint", type="model")'
      }
      language="python"
    >
      What the script logs beside numbers shows here.
    </EmptyState>
  );
}

/** Read the lists again when something arrives, at most once a second. */
function watchMedia(run: string): void {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const refresh = (): void => {
    timer ??= setTimeout(() => {
      timer = undefined;
      refreshMedia(run);
    }, REFRESH_MS);
  };
  const stop = watchRun(run, { onMedia: refresh, onGap: refresh });
  onCleanup(() => {
    clearTimeout(timer);
    stop();
  });
}
