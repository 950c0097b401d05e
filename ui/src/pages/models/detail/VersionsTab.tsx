import { useNavigate } from "@solidjs/router";
import GitCompare from "lucide-solid/icons/git-compare";
import { createMemo, createSignal, type JSX, lazy, Show, Suspense } from "solid-js";
import type { Model, ModelVersion } from "~/api/types";
import { Button } from "~/components/Button/Button";
import { Card } from "~/components/Card/Card";
import { EmptyState } from "~/components/EmptyState/EmptyState";
import { Skeleton } from "~/components/Skeleton/Skeleton";
import { overVersions } from "../parts/metrics";
import styles from "./page.module.css";
import { VersionTable } from "./VersionTable";

const MetricsChart = lazy(() => import("./MetricsChart"));
const MOST = 4;

/** Every version with its figures, the way of the metrics over them, and which to compare. */
export function VersionsTab(props: {
  model: Model;
  versions: readonly ModelVersion[];
}): JSX.Element {
  const navigate = useNavigate();
  const [chosen, setChosen] = createSignal<readonly number[]>([]);
  const metrics = createMemo(() => overVersions(props.versions));
  const hasWay = (): boolean => metrics().some((metric) => metric.points.length > 1);
  const toggle = (version: number): void =>
    void setChosen((before) =>
      before.includes(version) ? before.filter((one) => one !== version) : [...before, version],
    );
  const compare = (): void => {
    const versions = chosen()
      .toSorted((a, b) => a - b)
      .join(",");
    navigate(`/models/compare?model=${props.model.id}&versions=${versions}`);
  };
  return (
    <Show
      when={props.versions.length > 0}
      fallback={
        <EmptyState
          title="No versions yet"
          command={`axon models push ${props.model.name} model.onnx`}
        >
          Upload a file, or keep one from a script with{" "}
          <code>run.log_model("model.onnx", name="{props.model.name}")</code>.
        </EmptyState>
      }
    >
      <div class={styles.stack}>
        <Card
          flush
          title="Versions"
          actions={
            <Show when={props.versions.length > 1}>
              <span class={styles.soft} role="status">
                {chosen().length === 0 ? "Choose 2 to 4 to compare" : `${chosen().length} chosen`}
              </span>
              <Button
                size="small"
                icon={<GitCompare size={15} />}
                disabled={chosen().length < 2 || chosen().length > MOST}
                onClick={compare}
              >
                Compare
              </Button>
            </Show>
          }
        >
          <VersionTable
            model={props.model}
            versions={props.versions}
            metrics={metrics().map((metric) => metric.name)}
            chosen={chosen()}
            isFull={chosen().length >= MOST}
            onToggle={toggle}
          />
        </Card>
        <Show when={hasWay()}>
          <Card title="Metrics over versions">
            <Suspense fallback={<Skeleton height="240px" />}>
              <MetricsChart metrics={metrics()} />
            </Suspense>
          </Card>
        </Show>
      </div>
    </Show>
  );
}
