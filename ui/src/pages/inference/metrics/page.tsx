import { A, useSearchParams } from "@solidjs/router";
import { createMemo, createSignal, For, type JSX, Match, onCleanup, Switch } from "solid-js";
import type { MetricsRow } from "~/api/types";
import { LineChart } from "~/charts/LineChart";
import type { ChartSeries } from "~/charts/series";
import { createCursorGroup } from "~/charts/sync";
import { Button } from "~/components/Button/Button";
import { Card } from "~/components/Card/Card";
import { EmptyState } from "~/components/EmptyState/EmptyState";
import { Field, Select } from "~/components/Field/Field";
import { PageHeader } from "~/components/PageHeader/PageHeader";
import { Skeleton } from "~/components/Skeleton/Skeleton";
import { PIXELS, useEndpointMetrics, useEndpoints } from "../queries";
import styles from "./page.module.css";
import { columnsOf } from "./rows";

const RANGES = [
  { minutes: "5", label: "Last 5 minutes" },
  { minutes: "60", label: "Last hour" },
  { minutes: "1440", label: "Last day" },
  { minutes: "10080", label: "Last week" },
];
const TICK_MS = 1_000;

/** /inference/metrics: an endpoint's requests and latencies over time. */
export default function MetricsPage(): JSX.Element {
  const [query, setQuery] = useSearchParams<{
    endpoint?: string;
    minutes?: string;
    from?: string;
    to?: string;
  }>();
  const endpoints = useEndpoints();
  const [now, setNow] = createSignal(Date.now());
  const timer = setInterval(() => setNow(Date.now()), TICK_MS);
  onCleanup(() => clearInterval(timer));

  const endpoint = (): string => query.endpoint ?? endpoints.data?.[0]?.id ?? "";
  const isZoomed = (): boolean => query.from !== undefined && query.to !== undefined;
  const range = (): [number, number] => {
    if (isZoomed()) return [Number(query.from), Number(query.to)];
    const end = Math.ceil(now() / TICK_MS) * TICK_MS;
    return [end - Number(query.minutes ?? "5") * 60_000, end];
  };
  const stepMs = (): number => Math.max(1_000, (range()[1] - range()[0]) / PIXELS);
  const metrics = useEndpointMetrics(endpoint, range);
  const zoom = (from: number, to: number): void =>
    setQuery({ from: String(Math.round(from * 1000)), to: String(Math.round(to * 1000)) });
  const reset = (): void => setQuery({ from: undefined, to: undefined });

  return (
    <>
      <PageHeader
        title="Inference over time"
        above={<A href="/inference">Inference</A>}
        subtitle="Drag over a chart to look closer."
        actions={
          <div class={styles.controls}>
            <Field label="Endpoint" hideLabel>
              <Select
                value={endpoint()}
                onChange={(event) => setQuery({ endpoint: event.currentTarget.value })}
              >
                <For each={endpoints.data}>
                  {(one) => (
                    <option value={one.id} selected={one.id === endpoint()}>
                      {one.name}
                    </option>
                  )}
                </For>
              </Select>
            </Field>
            <Field label="Time range" hideLabel>
              <Select
                value={query.minutes ?? "5"}
                onChange={(event) =>
                  setQuery({
                    minutes: event.currentTarget.value,
                    from: undefined,
                    to: undefined,
                  })
                }
              >
                <For each={RANGES}>
                  {(one) => (
                    <option value={one.minutes} selected={one.minutes === (query.minutes ?? "5")}>
                      {one.label}
                    </option>
                  )}
                </For>
              </Select>
            </Field>
            <Button onClick={reset} disabled={!isZoomed()}>
              Whole range
            </Button>
          </div>
        }
      />
      <Switch
        fallback={
          <Charts
            rows={metrics.data ?? []}
            stepMs={stepMs()}
            range={[range()[0] / 1000, range()[1] / 1000]}
            onZoom={zoom}
            onReset={reset}
          />
        }
      >
        <Match when={endpoints.isPending}>
          <Skeleton height="28rem" />
        </Match>
        <Match when={endpoints.data?.length === 0}>
          <EmptyState title="Nothing is served yet" command="axon deploy digits:1">
            Deploy a version, ask it for predictions, and its figures appear here.
          </EmptyState>
        </Match>
        <Match when={metrics.data?.length === 0}>
          <EmptyState title="No requests in this time">
            A row is kept for each second in which something was asked.
          </EmptyState>
        </Match>
      </Switch>
    </>
  );
}

function Charts(props: {
  rows: MetricsRow[];
  stepMs: number;
  /** Seconds since 1970. */
  range: readonly [number, number];
  onZoom: (from: number, to: number) => void;
  onReset: () => void;
}): JSX.Element {
  const cursor = createCursorGroup();
  const columns = createMemo(() => columnsOf(props.rows, props.stepMs));
  const line = (label: string, name: keyof ReturnType<typeof columnsOf>, color: number) =>
    ({
      label,
      x: columns().seconds,
      y: columns()[name],
      color,
      hasGaps: true,
    }) satisfies ChartSeries;
  return (
    <div class={styles.charts}>
      <Card title="Latency">
        <LineChart
          title="Latency percentiles in milliseconds"
          axis="clock"
          unit="ms"
          series={[line("p50", "p50", 0), line("p95", "p95", 1), line("p99", "p99", 5)]}
          range={props.range}
          group={cursor}
          onZoom={props.onZoom}
          onReset={props.onReset}
        />
      </Card>
      <Card title="Requests">
        <LineChart
          title="Requests answered and failed"
          axis="clock"
          series={[line("answered", "success", 0), line("failed", "error", 5)]}
          range={props.range}
          group={cursor}
          onZoom={props.onZoom}
          onReset={props.onReset}
        />
      </Card>
    </div>
  );
}
