import { A, useNavigate, useParams, useSearchParams } from "@solidjs/router";
import Pencil from "lucide-solid/icons/pencil";
import Square from "lucide-solid/icons/square";
import Trash from "lucide-solid/icons/trash";
import {
  createEffect,
  createMemo,
  createSignal,
  For,
  type JSX,
  lazy,
  Match,
  on,
  onCleanup,
  onMount,
  Show,
  Suspense,
  Switch,
} from "solid-js";
import { type AlertData, watchRun } from "~/api/live";
import { queryClient } from "~/api/query-client";
import type { Run } from "~/api/types";
import { Button } from "~/components/Button/Button";
import { EmptyState } from "~/components/EmptyState/EmptyState";
import { ErrorNotice } from "~/components/ErrorNotice/ErrorNotice";
import { PageHeader } from "~/components/PageHeader/PageHeader";
import { Skeleton } from "~/components/Skeleton/Skeleton";
import { StatusChip } from "~/components/StatusChip/StatusChip";
import { Tabs } from "~/components/Tabs/Tabs";
import { toast } from "~/components/toast/toast";
import { Duration, Time } from "~/components/Time/Time";
import { seriesKey } from "../keys";
import { deleteRuns, isActive, stopRuns } from "../run-actions";
import { isSystem } from "./chart-groups";
import { ConfigTab } from "./ConfigTab";
import { EditRun } from "./EditRun";
import { LaunchAgain } from "./LaunchAgain";
import { LiveBadge } from "./LiveBadge";
import { LogsTab } from "./logs/LogsTab";
import { OverviewTab } from "./OverviewTab";
import styles from "./page.module.css";
import { patchStatus, patchSummaries, useRun, useSeriesList } from "./queries";
import { SeriesStore } from "./series-store";

const ChartsTab = lazy(() => import("./ChartsTab"));
const ArtifactsTab = lazy(() => import("./artifacts/ArtifactsTab"));

const TABS = ["overview", "charts", "system", "logs", "config", "artifacts"] as const;
type Tab = (typeof TABS)[number];
const LABELS: Record<Tab, string> = {
  overview: "Overview",
  charts: "Charts",
  system: "System",
  logs: "Logs",
  config: "Config",
  artifacts: "Artifacts",
};

/** One run: what it is, its curves, its log; live while it trains. */
export default function RunPage(): JSX.Element {
  const params = useParams<{ id: string }>();
  const run = useRun(() => params.id);
  return (
    <Switch fallback={<Waiting />}>
      <Match when={run.data}>{(data) => <RunView run={data()} />}</Match>
      <Match when={run.isError}>
        <PageHeader title="Run" above={<A href="/training">Training</A>} />
        <ErrorNotice error={run.error} onRetry={() => void run.refetch()} />
      </Match>
    </Switch>
  );
}

function RunView(props: { run: Run }): JSX.Element {
  const id = createMemo(() => props.run.id);
  const [query, setQuery] = useSearchParams<{ tab: string }>();
  const series = useSeriesList(id);
  const tab = (): Tab => TABS.find((one) => one === query.tab) ?? "overview";
  const names = createMemo(() => (series.data ?? []).map((one) => one.name), [], {
    // Each live frame patches the summaries: only other names are other charts.
    equals: (a, b) => a.join("\n") === b.join("\n"),
  });
  const store = createMemo(() => {
    const made = new SeriesStore(id(), (frames) => patchSummaries(id(), frames));
    onCleanup(() => made.close());
    return made;
  });
  createEffect(() => {
    const of = id();
    const onAlert = ({ title, text, level }: AlertData): void => {
      toast([title, text].filter(Boolean).join(": "), {
        kind: level === "error" ? "error" : "info",
      });
    };
    onCleanup(watchRun(of, { onStatus: (data) => patchStatus(of, data), onAlert }));
  });
  createEffect(() => {
    // A run that has logged nothing yet has no chart to watch it for.
    if (series.data?.every((one) => isSystem(one.name))) store().listen();
  });
  createEffect(
    on(
      () => store().newNames().length,
      (n) => {
        if (n > 0) void queryClient.invalidateQueries({ queryKey: seriesKey(id()) });
      },
    ),
  );
  // With the run's own data, not after them: most people look at the charts next.
  onMount(() => void ChartsTab.preload());
  const startMs = (): number => Date.parse(props.run.started_at ?? props.run.created_at);
  const charts = {
    get hasEpoch() {
      return names().includes("epoch");
    },
    get known() {
      return names();
    },
    get definitions() {
      return props.run.definitions;
    },
    get store() {
      return store();
    },
    get startMs() {
      return startMs();
    },
    get runName() {
      return props.run.name;
    },
    get project() {
      return props.run.project;
    },
  };
  return (
    <>
      <RunHeader run={props.run} />
      <Tabs
        label="Parts of the run"
        value={tab()}
        onChange={(next) => setQuery({ tab: next === "overview" ? undefined : next })}
        items={TABS.map((value) => ({ value, label: LABELS[value] }))}
      >
        <Show when={!series.isPending} fallback={<Skeleton height="24rem" />}>
          <Switch>
            <Match when={tab() === "overview"}>
              <OverviewTab
                run={props.run}
                series={series.data ?? []}
                store={store()}
                startMs={startMs()}
              />
            </Match>
            <Match when={tab() === "charts"}>
              <Suspense fallback={<Skeleton height="24rem" />}>
                <ChartsTab
                  {...charts}
                  names={names().filter((name) => !isSystem(name))}
                  empty={<NoMetrics />}
                />
              </Suspense>
            </Match>
            <Match when={tab() === "system"}>
              <Suspense fallback={<Skeleton height="24rem" />}>
                <ChartsTab {...charts} names={names().filter(isSystem)} empty={<NoSystem />} />
              </Suspense>
            </Match>
            <Match when={tab() === "logs"}>
              <LogsTab runId={id()} runName={props.run.name} isActive={isActive(props.run)} />
            </Match>
            <Match when={tab() === "config"}>
              <ConfigTab run={props.run} />
            </Match>
            <Match when={tab() === "artifacts"}>
              <ArtifactsTab runId={id()} />
            </Match>
          </Switch>
        </Show>
      </Tabs>
    </>
  );
}

function NoMetrics(): JSX.Element {
  return (
    <EmptyState
      title="No metrics yet"
      command={'run.log({"loss": loss, "accuracy": accuracy}, step=step)'}
      language="python"
    >
      Charts appear with the first point that the script logs.
    </EmptyState>
  );
}

function NoSystem(): JSX.Element {
  return (
    <EmptyState title="No figures of the machine">
      <code>axonml.init()</code> logs CPU, memory and GPU every two seconds; this run came without
      them.
    </EmptyState>
  );
}

function RunHeader(props: { run: Run }): JSX.Element {
  const navigate = useNavigate();
  const [isEditing, setEditing] = createSignal(false);
  const remove = (): void => {
    deleteRuns([props.run]);
    navigate("/training");
  };
  return (
    <PageHeader
      title={props.run.name}
      above={
        <>
          <A href="/training">Training</A> /{" "}
          <A href={`/training?project=${encodeURIComponent(props.run.project)}`}>
            {props.run.project}
          </A>
        </>
      }
      subtitle={
        <div class={styles.facts}>
          <StatusChip status={props.run.status} title={props.run.reason} />
          <Show when={isActive(props.run)}>
            <LiveBadge />
          </Show>
          <Show when={props.run.model_type}>
            <span>{props.run.model_type}</span>
          </Show>
          <span>
            started <Time value={props.run.started_at ?? props.run.created_at} />
          </span>
          <span>
            {isActive(props.run) ? "for " : "took "}
            <Duration
              from={props.run.started_at ?? props.run.created_at}
              to={props.run.completed_at}
            />
          </span>
          <For each={props.run.tags}>{(tag) => <span class={styles.tag}>{tag}</span>}</For>
        </div>
      }
      actions={
        <>
          <Show when={isActive(props.run)}>
            <Button
              icon={<Square size={15} />}
              title={
                props.run.stop_requested
                  ? "The script was asked to stop; this ends the run without its answer"
                  : "Ask the script to stop at its next log()"
              }
              onClick={() => void stopRuns([props.run.id])}
            >
              {props.run.stop_requested ? "End now" : "Stop"}
            </Button>
          </Show>
          <Show when={props.run.launch && !isActive(props.run)}>
            <LaunchAgain run={props.run} />
          </Show>
          <Button icon={<Pencil size={15} />} onClick={() => setEditing(true)}>
            Edit
          </Button>
          <Button variant="ghost" icon={<Trash size={15} />} onClick={remove}>
            Delete
          </Button>
          <EditRun run={props.run} open={isEditing()} onClose={() => setEditing(false)} />
        </>
      }
    />
  );
}

function Waiting(): JSX.Element {
  return (
    <div aria-busy="true" aria-label="Loading the run" class={styles.waiting}>
      <Skeleton height="4.5rem" width="22rem" />
      <Skeleton height="2.75rem" />
      <Skeleton height="24rem" />
    </div>
  );
}
