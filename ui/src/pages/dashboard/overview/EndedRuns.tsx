import { A } from "@solidjs/router";
import { For, type JSX } from "solid-js";
import { EmptyState } from "~/components/EmptyState/EmptyState";
import { StatusChip } from "~/components/StatusChip/StatusChip";
import { Table } from "~/components/Table/Table";
import { Duration, Time } from "~/components/Time/Time";
import { Panel } from "./Panel";
import { mainMetric, useRuns, valueText } from "./queries";

export function EndedRuns(): JSX.Element {
  const runs = useRuns("ended");
  return (
    <Panel
      title="Recently ended"
      actions={<A href="/training">All runs</A>}
      query={runs}
      empty={<EmptyState title="No run has ended yet">Finished runs show here.</EmptyState>}
    >
      {(items) => (
        <Table
          caption="Runs that ended recently"
          head={
            <>
              <th scope="col">Run</th>
              <th scope="col">Project</th>
              <th scope="col">State</th>
              <th scope="col">Result</th>
              <th scope="col">Took</th>
              <th scope="col">Ended</th>
            </>
          }
        >
          <For each={items()}>
            {(run) => (
              <tr>
                <th scope="row">
                  <A href={`/training/${run.id}`}>{run.name}</A>
                </th>
                <td>{run.project}</td>
                <td>
                  <StatusChip status={run.status} title={run.reason} />
                </td>
                <td class="figures">
                  {mainMetric(run)
                    ? `${mainMetric(run)} ${valueText(run.summary[mainMetric(run) ?? ""])}`
                    : "–"}
                </td>
                <td>
                  <Duration from={run.started_at ?? run.created_at} to={run.completed_at} />
                </td>
                <td>
                  <Time value={run.completed_at} />
                </td>
              </tr>
            )}
          </For>
        </Table>
      )}
    </Panel>
  );
}
