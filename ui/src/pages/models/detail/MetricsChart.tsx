import { createMemo, For, type JSX } from "solid-js";
import { LineChart } from "~/charts/LineChart";
import type { ChartSeries } from "~/charts/series";
import { createCursorGroup } from "~/charts/sync";
import type { MetricOverVersions } from "../parts/metrics";
import styles from "./page.module.css";

/** A chart for each metric: its values over the numbers of the versions. */
export default function MetricsChart(props: {
  metrics: readonly MetricOverVersions[];
}): JSX.Element {
  const group = createCursorGroup();
  const drawn = createMemo(() =>
    props.metrics
      .map((metric, color) => ({ metric, color }))
      .filter(({ metric }) => metric.points.length > 1),
  );
  return (
    <div class={styles.charts}>
      <For each={drawn()}>
        {({ metric, color }) => (
          <LineChart
            title={`${metric.name} over versions`}
            axis="whole"
            height={180}
            group={group}
            series={[lineOf(metric, color)]}
          />
        )}
      </For>
    </div>
  );
}

function lineOf(metric: MetricOverVersions, color: number): ChartSeries {
  return {
    label: metric.name,
    x: metric.points.map((point) => point.version),
    y: metric.points.map((point) => point.value),
    color,
  };
}
