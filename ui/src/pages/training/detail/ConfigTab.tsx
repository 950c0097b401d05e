import { createMemo, createSignal, For, type JSX, Show } from "solid-js";
import type { Run } from "~/api/types";
import { Card } from "~/components/Card/Card";
import { CodeBlock } from "~/components/CopyField/CopyField";
import { EmptyState } from "~/components/EmptyState/EmptyState";
import { Table } from "~/components/Table/Table";
import { flatten } from "~/components/flatten";
import styles from "./page.module.css";

/** The configuration that the script gave, flat and searchable, and as JSON. */
export function ConfigTab(props: { run: Run }): JSX.Element {
  const [wanted, setWanted] = createSignal("");
  const entries = createMemo(() => flatten(props.run.config));
  const shown = (): [string, string][] =>
    entries().filter((entry) => entry.join(" ").toLowerCase().includes(wanted().toLowerCase()));
  return (
    <Show
      when={entries().length > 0}
      fallback={
        <EmptyState
          title="No configuration"
          command={'axonml.init(project="digits", config={"lr": 0.001, "batch_size": 64})'}
          language="python"
        >
          What the script passes as <code>config</code> shows here.
        </EmptyState>
      }
    >
      <div class={styles.split}>
        <Card
          title="Parameters"
          flush
          actions={
            <input
              type="search"
              class={styles.search}
              aria-label="Search the parameters"
              placeholder="Search"
              value={wanted()}
              onInput={(event) => setWanted(event.currentTarget.value)}
            />
          }
        >
          <Table
            caption="Parameters of the run"
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
                  <td class={styles.value}>{value}</td>
                </tr>
              )}
            </For>
          </Table>
        </Card>
        <Card title="As JSON">
          <CodeBlock
            text={JSON.stringify(props.run.config, null, 2)}
            language="json"
            label="Configuration as JSON"
          />
        </Card>
      </div>
    </Show>
  );
}
