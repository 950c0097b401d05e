import { createSignal, type JSX, lazy, onCleanup, onMount, Show, Suspense } from "solid-js";
import { LineChart } from "~/charts/LineChart";
import { Modal } from "~/components/Modal/Modal";
import { Skeleton } from "~/components/Skeleton/Skeleton";
import styles from "./charts.module.css";
import type { FileKind } from "./panel-files";
import { createPanelLines, type PanelSource } from "./panel-lines";
import { PanelHead } from "./PanelHead";
import { PanelMenu } from "./PanelMenu";

const DataTable = lazy(async () => ({ default: (await import("~/charts/DataTable")).DataTable }));

const HEIGHT = 220;
const TALL = 460;

/** One chart of a run. Out of view it neither loads nor draws. */
export function ChartPanel(props: PanelSource): JSX.Element {
  const [isInView, setInView] = createSignal(false);
  const [isTable, setTable] = createSignal(false);
  const [isLarge, setLarge] = createSignal(false);
  let place: HTMLElement | undefined;
  let canvas: HTMLCanvasElement | undefined;

  onMount(() => {
    const observer = new IntersectionObserver(
      (entries) => setInView(entries.some((entry) => entry.isIntersecting)),
      { rootMargin: "200px" },
    );
    if (place) observer.observe(place);
    onCleanup(() => observer.disconnect());
  });
  const panel = createPanelLines(props, isInView, () =>
    isLarge() ? innerWidth * 2 : Math.ceil((place?.clientWidth ?? 480) * devicePixelRatio),
  );
  const save = (kind: FileKind): void => {
    void import("./panel-files").then((files) => files.saveChart(kind, props, panel, canvas));
  };
  const chart = (height: number, isMain: boolean): JSX.Element => (
    <LineChart
      title={props.spec.title}
      series={panel.drawn().lines}
      axis={panel.axis().kind}
      isLog={props.view.isLog()}
      isLogX={panel.isLogX()}
      isClipped={props.view.isClipped()}
      height={height}
      group={panel.isOwnX() ? undefined : props.group}
      onZoom={panel.zoom}
      onReset={() => props.view.setWindow(null)}
      canvasRef={(element) => {
        if (isMain) canvas = element;
      }}
    />
  );
  return (
    <article
      ref={(element) => {
        place = element;
      }}
      class={styles.panel}
      aria-label={props.spec.title}
    >
      <PanelHead title={props.spec.title} lines={panel}>
        <PanelMenu
          title={props.spec.title}
          isTable={isTable()}
          onEnlarge={() => setLarge(true)}
          onTable={() => setTable(!isTable())}
          onSave={save}
        />
      </PanelHead>
      <Show when={panel.isLoaded()} fallback={<Waiting />}>
        <Show when={isTable()} fallback={chart(HEIGHT, true)}>
          <Suspense fallback={<Waiting />}>
            <DataTable
              title={props.spec.title}
              xLabel={panel.axis().label}
              xText={panel.xText}
              series={panel.drawn().lines}
            />
          </Suspense>
        </Show>
      </Show>
      <Modal open={isLarge()} onClose={() => setLarge(false)} title={props.spec.title} wide>
        {chart(TALL, false)}
      </Modal>
    </article>
  );
}

function Waiting(): JSX.Element {
  return (
    <div class={styles.waiting}>
      <Skeleton height={`${HEIGHT + 36}px`} />
    </div>
  );
}
