import { A } from "@solidjs/router";
import { createMemo, For, type JSX, Match, Show, Switch } from "solid-js";
import type { Run, SeriesSummary } from "~/api/types";
import { valueText } from "~/charts/format";
import { createCursorGroup } from "~/charts/sync";
import { Card } from "~/components/Card/Card";
import { CodeBlock, CopyField } from "~/components/CopyField/CopyField";
import { EmptyState } from "~/components/EmptyState/EmptyState";
import { ErrorNotice } from "~/components/ErrorNotice/ErrorNotice";
import { Sharing } from "~/components/Sharing/Sharing";
import { Table } from "~/components/Table/Table";
import { Time } from "~/components/Time/Time";
import { isActive } from "../run-actions";
import { type ChartSpec, chartGroups, isSystem } from "./chart-groups";
import { ChartPanel } from "./ChartPanel";
import { flatten } from "~/components/flatten";
import { useFullScreenKey } from "./full-screen";
import { MadeModels } from "./MadeModels";
import { changeRun } from "./queries";
import { RunTiles } from "./RunTiles";
import styles from "./page.module.css";
import type { SeriesStore } from "./series-store";
import { useChartView } from "./view";

const CHARTS = 2;
const PARAMETERS = 8;

export interface OverviewTabProps {
  run: Run;
  series: readonly SeriesSummary[];
  store: SeriesStore;
  startMs: number;
}

/** A run at a glance: its main curves, the last value of each metric, what it was made with. */
export function OverviewTab(props: OverviewTabProps): JSX.Element {
  const view = useChartView();
  const cursor = createCursorGroup();
  useFullScreenKey();
  const own = (): SeriesSummary[] =>
    props.series.filter((one) => !isSystem(one.name) && one.name !== "epoch");
  const charts = createMemo<ChartSpec[]>(
    () =>
      chartGroups(own().map((one) => one.name))
        .flatMap((group) => group.charts)
        .slice(0, CHARTS),
    [],
    { equals: (a, b) => JSON.stringify(a) === JSON.stringify(b) },
  );
  return (
    <div class={styles.overview}>
      <div class={styles.main}>
        <Show when={props.run.reason}>
          <p class={styles.reason} data-status={props.run.status}>
            {props.run.reason}
          </p>
        </Show>
        <Show when={charts().length > 0} fallback={<NoPoints run={props.run} />}>
          <RunTiles
            run={props.run}
            series={props.series}
            names={charts().flatMap((spec) => spec.names)}
            store={props.store}
          />
          <Show when={props.store.error()}>
            {(error) => <ErrorNotice error={error()} onRetry={() => props.store.reload()} />}
          </Show>
          <div class={styles.charts}>
            <For each={charts()}>
              {(spec) => (
                <ChartPanel
                  spec={spec}
                  store={props.store}
                  view={view}
                  startMs={props.startMs}
                  group={cursor}
                  runName={props.run.name}
                  definitions={props.run.definitions}
                  known={props.series.map((one) => one.name)}
                />
              )}
            </For>
          </div>
          <Card title="Metrics" flush>
            <MetricsTable series={own()} />
          </Card>
        </Show>
      </div>
      <div class={styles.side}>
        <Card title="Run">
          <Facts run={props.run} />
        </Card>
        <MadeModels runId={props.run.id} />
        <Parameters run={props.run} />
        <Show when={props.run.notes}>
          <Card title="Notes">
            <p class={styles.notes}>{props.run.notes}</p>
          </Card>
        </Show>
      </div>
    </div>
  );
}

function MetricsTable(props: { series: readonly SeriesSummary[] }): JSX.Element {
  return (
    <Table
      caption="Metrics of the run"
      head={
        <>
          <th scope="col">Metric</th>
          <th scope="col" data-numeric="">
            Last
          </th>
          <th scope="col" data-numeric="">
            Lowest
          </th>
          <th scope="col" data-numeric="">
            Highest
          </th>
          <th scope="col" data-numeric="">
            Points
          </th>
        </>
      }
    >
      <For each={props.series.map((one) => one.name)}>
        {(name) => {
          const one = (): SeriesSummary | undefined =>
            props.series.find((item) => item.name === name);
          return (
            <tr>
              <th scope="row">{name}</th>
              <td data-numeric="">{lastText(one()?.last_value)}</td>
              <td data-numeric="">{valueText(one()?.lowest)}</td>
              <td data-numeric="">{valueText(one()?.highest)}</td>
              <td data-numeric="">{one()?.n_points.toLocaleString("en")}</td>
            </tr>
          );
        }}
      </For>
    </Table>
  );
}

function lastText(value: SeriesSummary["last_value"] | undefined): string {
  return typeof value === "string" ? value : valueText(value);
}

function Facts(props: { run: Run }): JSX.Element {
  return (
    <dl class={styles.list}>
      <dt>Project</dt>
      <dd>
        <A href={`/training?project=${encodeURIComponent(props.run.project)}`}>
          {props.run.project}
        </A>
      </dd>
      <Show when={props.run.group}>
        <dt>Group</dt>
        <dd>{props.run.group}</dd>
      </Show>
      <Show when={props.run.attempt > 1}>
        <dt>Attempt</dt>
        <dd>{props.run.attempt}</dd>
      </Show>
      <Show when={props.run.parent_id}>
        {(parent) => (
          <>
            <dt>Forked from</dt>
            <dd>
              <A href={`/training/${parent()}`}>{parent().slice(-8)}</A> at step{" "}
              {props.run.fork_step?.toLocaleString("en")}
            </dd>
          </>
        )}
      </Show>
      <dt>Seen by</dt>
      <dd>
        <Sharing
          noun="run"
          owner={props.run.user_id}
          visibility={props.run.visibility}
          onChange={(visibility) => changeRun(props.run.id, { visibility })}
        />
      </dd>
      <dt>Created</dt>
      <dd>
        <Time value={props.run.created_at} />
      </dd>
      <Show when={props.run.completed_at}>
        <dt>Ended</dt>
        <dd>
          <Time value={props.run.completed_at} />
        </dd>
      </Show>
      <dt>Id</dt>
      <dd>
        <CopyField text={props.run.id} label="the run's id" />
      </dd>
    </dl>
  );
}

function Parameters(props: { run: Run }): JSX.Element {
  const entries = (): [string, string][] => flatten(props.run.config);
  return (
    <Show when={entries().length > 0}>
      <Card title="Parameters" actions={<A href="?tab=config">All</A>}>
        <dl class={styles.list}>
          <For each={entries().slice(0, PARAMETERS)}>
            {([key, value]) => (
              <>
                <dt title={key}>{key}</dt>
                <dd class={styles.value}>{value}</dd>
              </>
            )}
          </For>
        </dl>
      </Card>
    </Show>
  );
}

function NoPoints(props: { run: Run }): JSX.Element {
  return (
    <Switch
      fallback={
        <EmptyState title="This run logged no metric">It ended without a point.</EmptyState>
      }
    >
      <Match when={props.run.status === "queued"}>
        <EmptyState title="Waiting for its turn">
          The server trains a few runs at once; this one begins when another ends.
        </EmptyState>
      </Match>
      <Match when={isActive(props.run) && props.run.launch}>
        <EmptyState title="Waiting for the first point">
          The training has begun; what it prints is in <A href="?tab=logs">its log</A>.
        </EmptyState>
      </Match>
      <Match when={isActive(props.run)}>
        <EmptyState title="Waiting for the first point">
          <p>The page is listening. Log from the script:</p>
          <CodeBlock text={'run.log({"loss": loss}, step=step)'} language="python" />
        </EmptyState>
      </Match>
    </Switch>
  );
}
