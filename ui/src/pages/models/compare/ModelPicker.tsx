import { createMemo, createSignal, For, type JSX, Show } from "solid-js";
import { settled } from "~/api/settled";
import { Card } from "~/components/Card/Card";
import { EmptyState } from "~/components/EmptyState/EmptyState";
import { Field, TextInput } from "~/components/Field/Field";
import { Skeleton } from "~/components/Skeleton/Skeleton";
import { useModelPages } from "../queries";
import styles from "./page.module.css";

/** Choose the model whose versions are compared; those with less than two are not offered. */
export function ModelPicker(props: { onPick: (id: string) => void }): JSX.Element {
  const [text, setText] = createSignal("");
  const list = useModelPages(() => ({ q: text(), sort: "-n_versions" }));
  const models = createMemo(() =>
    (settled(list)?.pages[0]?.items ?? []).filter((model) => model.n_versions > 1),
  );
  return (
    <Card title="Versions of which model?">
      <Field label="Search models" hideLabel>
        <TextInput
          type="search"
          autofocus
          placeholder="Search names, cards and tags"
          value={text()}
          onInput={(event) => setText(event.currentTarget.value)}
        />
      </Field>
      <Show when={list.isSuccess} fallback={<Skeleton height="8rem" />}>
        <ul class={styles.models}>
          <For
            each={models()}
            fallback={
              <EmptyState
                title="No model has two versions"
                command="axon models push digits model.onnx"
              />
            }
          >
            {(model) => (
              <li>
                <button type="button" onClick={() => props.onPick(model.id)}>
                  <strong>{model.name}</strong>
                  <span>{model.n_versions} versions</span>
                </button>
              </li>
            )}
          </For>
        </ul>
      </Show>
    </Card>
  );
}
