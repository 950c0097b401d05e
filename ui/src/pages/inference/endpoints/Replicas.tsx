import { createSignal, For, type JSX, Show } from "solid-js";
import { Bytes } from "~/components/Bytes/Bytes";
import { Card } from "~/components/Card/Card";
import { Select } from "~/components/Field/Field";
import { StatusChip } from "~/components/StatusChip/StatusChip";
import { Table } from "~/components/Table/Table";
import { useReplicaLog, useReplicas } from "../queries";
import styles from "./page.module.css";

/** The processes of an endpoint, and what they wrote: all of them, or one. */
export function Replicas(props: { id: string }): JSX.Element {
  const replicas = useReplicas(() => props.id);
  const [which, setWhich] = createSignal("");
  const log = useReplicaLog(() => props.id, which);
  return (
    <>
      <Show when={(replicas.data?.length ?? 0) > 0}>
        <Card title="Replicas">
          <Table
            caption="Replicas"
            head={
              <>
                <th scope="col">Replica</th>
                <th scope="col">Serves</th>
                <th scope="col">Status</th>
                <th scope="col">Memory</th>
                <th scope="col">Loaded in</th>
                <th scope="col">Restarts</th>
                <th scope="col">Process</th>
              </>
            }
          >
            <For each={replicas.data}>
              {(replica) => (
                <tr>
                  <td>{replica.replica}</td>
                  <td>
                    v{replica.version} {replica.role === "main" ? "" : `(${replica.role})`}
                  </td>
                  <td>
                    <StatusChip status={replica.status} />
                  </td>
                  <td class="figures">
                    <Show when={replica.memory_bytes} fallback="–">
                      {(bytes) => <Bytes value={bytes()} />}
                    </Show>
                  </td>
                  <td class="figures">
                    {replica.load_ms === null ? "–" : `${Math.round(replica.load_ms)} ms`}
                  </td>
                  <td class="figures">{replica.restarts}</td>
                  <td class="figures">{replica.pid ?? "–"}</td>
                </tr>
              )}
            </For>
          </Table>
        </Card>
      </Show>
      <Show when={(log.data?.length ?? 0) > 0 || which() !== ""}>
        <Card
          title="What the replicas wrote"
          actions={
            <Select
              aria-label="Replica whose lines are shown"
              onChange={(event) => setWhich(event.currentTarget.value)}
            >
              <option value="">All replicas</option>
              <For each={replicas.data}>
                {(one) => (
                  <option value={`${one.version}/${one.replica}`}>
                    v{one.version}, replica {one.replica}
                  </option>
                )}
              </For>
            </Select>
          }
        >
          <pre class={styles.log} tabindex="0" aria-label="Log of the replicas">
            <For each={log.data} fallback="This replica has written nothing.">
              {(line) =>
                `${line.timestamp.slice(11, 19)}  v${line.version} ${line.replica}  ${line.line}\n`
              }
            </For>
          </pre>
        </Card>
      </Show>
    </>
  );
}
