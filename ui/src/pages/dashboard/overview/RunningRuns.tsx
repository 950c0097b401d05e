import { A } from "@solidjs/router";
import { For, type JSX, Show } from "solid-js";
import type { Run } from "~/api/types";
import { EmptyState } from "~/components/EmptyState/EmptyState";
import { Sparkline } from "~/components/Sparkline/Sparkline";
import { StatusChip } from "~/components/StatusChip/StatusChip";
import { Duration } from "~/components/Time/Time";
import { Panel } from "./Panel";
import styles from "./page.module.css";
import { mainMetric, useCurves, useRuns, valueText } from "./queries";

export function RunningRuns(): JSX.Element {
  const runs = useRuns("running");
  const curves = useCurves(() => runs.data?.items ?? []);
  return (
    <Panel
      title="Running now"
      actions={<A href="/training?status=running">All running</A>}
      query={runs}
      empty={
        <EmptyState title="Nothing is training right now" command="axon demo">
          The demo trains a small classifier on real images, here, in under a minute. Your own
          script needs <code>axonml.init()</code> and <code>run.log()</code>.
        </EmptyState>
      }
    >
      {(items) => (
        <ul class={styles.runs}>
          <For each={items()}>
            {(run) => <RunCard run={run} curve={curves.data?.[run.id] ?? []} />}
          </For>
        </ul>
      )}
    </Panel>
  );
}

function RunCard(props: { run: Run; curve: number[] }): JSX.Element {
  const metric = (): string | undefined => mainMetric(props.run);
  const value = (): string => valueText(props.run.summary[metric() ?? ""]);
  return (
    <li class={styles.run}>
      <div class={styles.line}>
        <A href={`/training/${props.run.id}`} class={styles.name}>
          {props.run.name}
        </A>
        <StatusChip status={props.run.status} />
      </div>
      <div class={styles.faint}>
        {props.run.project} · <Duration from={props.run.started_at ?? props.run.created_at} />
      </div>
      <Show when={metric()} fallback={<p class={styles.faint}>No points yet</p>}>
        {(name) => (
          <div class={styles.curve}>
            <Sparkline values={props.curve} label={`${name()}, ${value()} now`} />
            <span class={styles.value}>
              <span class="figures">{value()}</span>
              <span class={styles.faint}>{name()}</span>
            </span>
          </div>
        )}
      </Show>
    </li>
  );
}
