import { A } from "@solidjs/router";
import { For, type JSX, Show } from "solid-js";
import { EmptyState } from "~/components/EmptyState/EmptyState";
import { Time } from "~/components/Time/Time";
import { Panel } from "./Panel";
import styles from "./page.module.css";
import { useModels } from "./queries";

export function NewestModels(): JSX.Element {
  const models = useModels();
  return (
    <Panel
      title="Newest models"
      actions={<A href="/models">All models</A>}
      query={models}
      empty={
        <EmptyState
          title="No models yet"
          language="python"
          command={'run.log_model("model.onnx", name="digits")'}
        >
          Log one from a run, or upload a file.
        </EmptyState>
      }
    >
      {(items) => (
        <ul class={styles.list}>
          <For each={items()}>
            {(model) => (
              <li class={styles.row}>
                <div class={styles.rowWords}>
                  <A href={`/models/${model.id}`} class={styles.name}>
                    {model.name}
                  </A>
                  <div class={styles.faint}>
                    <Show when={model.latest_version} fallback="no version yet">
                      v{model.latest_version}
                    </Show>
                    <Show when={model.model_type}> · {model.model_type}</Show>
                  </div>
                </div>
                <span class={styles.faint}>
                  <Time value={model.updated_at} />
                </span>
              </li>
            )}
          </For>
        </ul>
      )}
    </Panel>
  );
}
