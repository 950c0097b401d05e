import { createMemo, createSignal, For, type JSX, Show } from "solid-js";
import type { ModelVersion } from "~/api/types";
import { Card } from "~/components/Card/Card";
import { CodeBlock } from "~/components/CopyField/CopyField";
import { EmptyState } from "~/components/EmptyState/EmptyState";
import { Table } from "~/components/Table/Table";
import { flatten } from "~/components/flatten";
import styles from "../page.module.css";
import own from "./version.module.css";

/** The configuration that the version was kept with, flat and searchable, and as JSON. */
export function ConfigPart(props: { version: ModelVersion }): JSX.Element {
  const [wanted, setWanted] = createSignal("");
  const entries = createMemo(() => flatten(props.version.config));
  const shown = (): [string, string][] =>
    entries().filter((entry) => entry.join(" ").toLowerCase().includes(wanted().toLowerCase()));
  return (
    <Show
      when={entries().length > 0}
      fallback={
        <EmptyState
          title="No configuration"
          command={'run.log_model("model.onnx", name="digits", config={"lr": 0.001})'}
          language="python"
        >
          What a script passes as <code>config</code> shows here.
        </EmptyState>
      }
    >
      <div class={styles.columns}>
        <Card
          title="Parameters"
          flush
          actions={
            <input
              type="search"
              class={own.search}
              aria-label="Search the parameters"
              placeholder="Search"
              value={wanted()}
              onInput={(event) => setWanted(event.currentTarget.value)}
            />
          }
        >
          <Table
            caption="Parameters of the version"
            head={
              <>
                <th scope="col">Key</th>
                <th scope="col">Value</th>
              </>
            }
          >
            <For each={shown()}>
              {([key, value]) => (
                <tr>
                  <th scope="row">
                    <code>{key}</code>
                  </th>
                  <td class={own.value}>{value}</td>
                </tr>
              )}
            </For>
          </Table>
        </Card>
        <Card title="As JSON">
          <CodeBlock
            text={JSON.stringify(props.version.config, null, 2)}
            language="json"
            label="Configuration as JSON"
          />
        </Card>
      </div>
    </Show>
  );
}
