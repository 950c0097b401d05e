import { createEffect, createMemo, createSignal, type JSX, Show } from "solid-js";
import type { MediaKey } from "~/api/types";
import { valueText } from "~/charts/format";
import { Card } from "~/components/Card/Card";
import { ErrorNotice } from "~/components/ErrorNotice/ErrorNotice";
import { Skeleton } from "~/components/Skeleton/Skeleton";
import { theme, tokenColor } from "~/theme/theme";
import styles from "./artifacts.module.css";
import { heatOf } from "./heatmap";
import { useHistograms } from "./queries";

const BANDS = 64;

/** How values are spread over the steps: a column a step, darker where more of them are. */
export function HistogramPanel(props: { runId: string; of: MediaKey }): JSX.Element {
  const found = useHistograms(
    () => props.runId,
    () => props.of.key,
  );
  const heat = createMemo(() => (found.data ? heatOf(found.data, BANDS) : null));
  const [at, setAt] = createSignal<number | null>(null);
  const [canvas, setCanvas] = createSignal<HTMLCanvasElement>();
  createEffect(() => {
    const made = heat();
    const into = canvas();
    theme();
    if (made && into) draw(into, made.rows);
  });
  const place = (event: PointerEvent & { currentTarget: HTMLCanvasElement }): void => {
    const box = event.currentTarget.getBoundingClientRect();
    const n = found.data?.step.length ?? 0;
    setAt(Math.min(n - 1, Math.max(0, Math.floor(((event.clientX - box.left) / box.width) * n))));
  };
  const told = (): string => {
    const data = found.data;
    if (!data) return "";
    const i = at() ?? data.step.length - 1;
    const edges = data.edges[i] ?? [];
    const odd = (data.n_nan[i] ?? 0) + (data.n_infinite[i] ?? 0);
    const total = (data.counts[i] ?? []).reduce((sum, count) => sum + count, 0);
    return [
      `step ${data.step[i]}: ${valueText(total)} values`,
      `from ${valueText(edges[0] ?? 0)} to ${valueText(edges.at(-1) ?? 0)}`,
      odd > 0 ? `${odd} NaN or infinite` : "",
    ]
      .filter(Boolean)
      .join(", ");
  };
  return (
    <Card title={props.of.key}>
      <Show when={found.isError}>
        <ErrorNotice error={found.error} onRetry={() => void found.refetch()} />
      </Show>
      <Show when={heat()} fallback={<Skeleton height="12rem" />}>
        {(made) => (
          <div class={styles.heat}>
            <div class={styles.range} aria-hidden="true">
              <span>{valueText(made().high)}</span>
              <span>{valueText(made().low)}</span>
            </div>
            <canvas
              ref={setCanvas}
              class={styles.canvas}
              role="img"
              aria-label={`Histogram of ${props.of.key} over steps; ${told()}`}
              onPointerMove={place}
              onPointerLeave={() => setAt(null)}
            />
            <div class={styles.steps} aria-hidden="true">
              <span>step {found.data?.step[0]}</span>
              <span>{found.data?.step.at(-1)}</span>
            </div>
          </div>
        )}
      </Show>
      <p class={styles.told}>{told()}</p>
    </Card>
  );
}

/** A pixel a cell; the browser makes it larger. */
function draw(canvas: HTMLCanvasElement, rows: readonly (readonly number[])[]): void {
  canvas.width = Math.max(rows.length, 1);
  canvas.height = BANDS;
  const into = canvas.getContext("2d");
  if (!into) return;
  into.clearRect(0, 0, canvas.width, canvas.height);
  into.fillStyle = tokenColor("--series-1");
  for (const [x, row] of rows.entries()) {
    const most = Math.max(...row) || 1;
    for (const [band, share] of row.entries()) {
      if (share <= 0) continue;
      into.globalAlpha = 0.08 + 0.92 * Math.sqrt(share / most);
      into.fillRect(x, BANDS - 1 - band, 1, 1);
    }
  }
}
