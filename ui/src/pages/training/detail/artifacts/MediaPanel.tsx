import { createMemo, createSignal, For, type JSX, Match, Show, Switch } from "solid-js";
import type { MediaItem, MediaKey } from "~/api/types";
import { Card } from "~/components/Card/Card";
import { ErrorNotice } from "~/components/ErrorNotice/ErrorNotice";
import { Skeleton } from "~/components/Skeleton/Skeleton";
import styles from "./artifacts.module.css";
import { useImage } from "./content";
import { TableView, TextView } from "./Documents";
import { useMedia } from "./queries";

/** Images, tables or texts of one name, at the step that the slider says; the newest at first. */
export function MediaPanel(props: { runId: string; of: MediaKey }): JSX.Element {
  const items = useMedia(
    () => props.runId,
    () => props.of,
  );
  const steps = createMemo(() => [...new Set((items.data ?? []).map((item) => item.step))]);
  const [chosen, setChosen] = createSignal<number | null>(null);
  const step = (): number | undefined => {
    const wanted = chosen();
    return wanted === null ? steps().at(-1) : (steps().findLast((one) => one <= wanted) ?? wanted);
  };
  const shown = createMemo(() =>
    (items.data ?? [])
      .filter((item) => item.step === step())
      .toSorted((a, b) => a.meta.index - b.meta.index),
  );
  return (
    <Card title={props.of.key}>
      <Show when={items.isError}>
        <ErrorNotice error={items.error} onRetry={() => void items.refetch()} />
      </Show>
      <Show when={items.data} fallback={<Skeleton height="12rem" />}>
        <div class={styles.slider}>
          <Show when={steps().length > 1}>
            <input
              type="range"
              min={0}
              max={steps().length - 1}
              value={steps().indexOf(step() ?? 0)}
              aria-label={`Step of ${props.of.key}`}
              aria-valuetext={`step ${step()}`}
              onInput={(event) => {
                const place = event.currentTarget.valueAsNumber;
                setChosen(place === steps().length - 1 ? null : (steps()[place] ?? null));
              }}
            />
          </Show>
          <output>step {step()}</output>
        </div>
        <Switch>
          <Match when={props.of.kind === "image"}>
            <div class={styles.images}>
              <For each={shown()}>{(item) => <Picture item={item} />}</For>
            </div>
          </Match>
          <Match when={props.of.kind === "table"}>
            <For each={shown()}>{(item) => <TableView item={item} />}</For>
          </Match>
          <Match when={props.of.kind === "text"}>
            <For each={shown()}>{(item) => <TextView item={item} />}</For>
          </Match>
        </Switch>
      </Show>
    </Card>
  );
}

function Picture(props: { item: MediaItem }): JSX.Element {
  const image = useImage(() => props.item);
  const caption = (): string => props.item.meta.caption;
  return (
    <figure class={styles.figure}>
      <Show
        when={!image.failed()}
        fallback={<p class={styles.told}>This image could not be read.</p>}
      >
        <img
          src={image.url()}
          width={props.item.meta.width}
          height={props.item.meta.height}
          alt={caption() || `${props.item.key} at step ${props.item.step}`}
          // A few pixels are to be seen as they are, not blurred.
          classList={{ [styles.small as string]: props.item.meta.width < 128 }}
        />
      </Show>
      <Show when={caption()}>
        <figcaption>{caption()}</figcaption>
      </Show>
    </figure>
  );
}
