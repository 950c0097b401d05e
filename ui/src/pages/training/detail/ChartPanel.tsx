import { createSignal, type JSX, lazy, onCleanup, onMount, Show, Suspense } from "solid-js";
import { LineChart } from "~/charts/LineChart";
import { Modal } from "~/components/Modal/Modal";
import { Skeleton } from "~/components/Skeleton/Skeleton";
import styles from "./charts.module.css";
import { createFullScreen } from "./full-screen";
import type { FileKind } from "./panel-files";
import { createPanelLines, type PanelSource } from "./panel-lines";
import { PanelHead, type PanelPlace } from "./PanelHead";
import { PanelMenu } from "./PanelMenu";

const DataTable = lazy(async () => ({ default: (await import("~/charts/DataTable")).DataTable }));

export interface ChartPanelProps extends PanelSource {
  /** Where it stands among others; without it the chart stays where it is. */
  place?: PanelPlace;
}

const HEIGHT = 220;
const TALL = 460;
/** What a chart that fills the screen leaves to its head, its legend and the edges. */
const AROUND = 120;

/** One chart of a run. Out of view it neither loads nor draws. */
export function ChartPanel(props: ChartPanelProps): JSX.Element {
  const [isInView, setInView] = createSignal(false);
  const [isTable, setTable] = createSignal(false);
  const [isLarge, setLarge] = createSignal(false);
  const full = createFullScreen(() => setLarge(true));
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
    isLarge() || full.isFull()
      ? innerWidth * 2
      : Math.ceil((place?.clientWidth ?? 480) * devicePixelRatio),
  );
  const save = (kind: FileKind): void => {
    void import("./panel-files").then((files) => files.saveChart(kind, props, panel, canvas));
  };
  const chart = (height: () => number, isMain: boolean): JSX.Element => (
    <LineChart
      title={props.spec.title}
      series={panel.drawn().lines}
      axis={panel.axis().kind}
      isLog={props.view.isLog()}
      isLogX={panel.isLogX()}
      isClipped={props.view.isClipped()}
      height={height()}
      group={panel.isOwnX() ? undefined : props.group}
      onZoom={panel.zoom}
      onReset={() => props.view.setWindow(null)}
      canvasRef={(element) => {
        if (isMain) canvas = element;
      }}
    />
  );
  const height = (): number => (full.isFull() ? Math.max(HEIGHT, full.height() - AROUND) : HEIGHT);
  return (
    <article
      ref={(element) => {
        place = element;
        full.at(element);
      }}
      class={styles.panel}
      data-chart={props.place?.id}
      aria-label={props.spec.title}
    >
      <PanelHead title={props.spec.title} lines={panel} place={props.place}>
        <PanelMenu
          title={props.spec.title}
          isTable={isTable()}
          isFull={full.isFull()}
          place={props.place}
          onFull={full.toggle}
          onTable={() => setTable(!isTable())}
          onSave={save}
        />
      </PanelHead>
      <Show when={panel.isLoaded()} fallback={<Waiting />}>
        <Show when={isTable()} fallback={chart(height, true)}>
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
        {chart(() => TALL, false)}
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
