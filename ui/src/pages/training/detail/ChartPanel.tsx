import Ellipsis from "lucide-solid/icons/ellipsis";
import FileDown from "lucide-solid/icons/file-down";
import ImageDown from "lucide-solid/icons/image-down";
import Maximize2 from "lucide-solid/icons/maximize-2";
import Table2 from "lucide-solid/icons/table-2";
import {
  createEffect,
  createMemo,
  createSignal,
  type JSX,
  onCleanup,
  onMount,
  Show,
  untrack,
} from "solid-js";
import { DataTable } from "~/charts/DataTable";
import { csvOf, saveFile, savePicture } from "~/charts/export";
import { clockText, elapsedText } from "~/charts/format";
import { LineChart } from "~/charts/LineChart";
import { seriesColor } from "~/charts/options";
import type { ChartSeries } from "~/charts/series";
import { svgOf } from "~/charts/svg";
import type { CursorGroup } from "~/charts/sync";
import { Menu, MenuItem } from "~/components/Menu/Menu";
import { Modal } from "~/components/Modal/Modal";
import { Skeleton } from "~/components/Skeleton/Skeleton";
import { tokenColor } from "~/theme/theme";
import { type Definitions, runAxis, stepsBetween } from "./axes";
import type { ChartSpec } from "./chart-groups";
import { linesOf, needLines, placed, withPositiveX } from "./chart-lines";
import styles from "./charts.module.css";
import type { SeriesStore, StepWindow } from "./series-store";
import type { ChartView } from "./view";

export interface ChartPanelProps {
  spec: ChartSpec;
  store: SeriesStore;
  view: ChartView;
  startMs: number;
  group: CursorGroup;
  runName: string;
  /** What the run says of its metrics, and which it has. */
  definitions: Definitions;
  known: readonly string[];
}

const HEIGHT = 220;
const TALL = 460;

/** One chart of a run. Out of view it neither loads nor draws. */
export function ChartPanel(props: ChartPanelProps): JSX.Element {
  const axis = createMemo(() =>
    runAxis(props.view.chosenX(), props.spec.names[0] ?? "", props.definitions, props.known),
  );
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
  createEffect(() => {
    if (!isInView()) return;
    const pixels = Math.ceil((place?.clientWidth ?? 480) * devicePixelRatio);
    needLines(props.spec.names, props.store, axis(), pixels);
  });
  createEffect(() => {
    if (isLarge()) needLines(props.spec.names, props.store, axis(), innerWidth * 2);
  });

  const isLogX = (): boolean => props.view.isLogX() && axis().kind !== "clock";
  const isLoaded = createMemo(() =>
    props.spec.names.some((name) => props.store.series(name) !== undefined),
  );
  // Out of view the lines stay as they were: nothing is computed for what nobody sees.
  const lines = createMemo<ChartSeries[]>(
    (before) => {
      if (!isInView()) return before;
      return linesOf(props.spec.names, props.store, {
        axis: axis(),
        smoothing: props.view.smoothing(),
        smoothingKind: props.view.smoothingKind(),
        startMs: props.startMs,
      });
    },
    [],
    { equals: (a, b) => a === b },
  );
  const drawn = createMemo(() =>
    isLogX() ? withPositiveX(lines()) : { lines: lines(), nLeftOut: 0 },
  );
  const isThinned = (): boolean =>
    props.spec.names.some((name) => props.store.series(name)?.isExact === false);

  const windowOf = (from: number, to: number): StepWindow => {
    if (axis().value === "wall" || axis().value === "relative") {
      const start = axis().value === "wall" ? 0 : props.startMs;
      return {
        first: Math.floor(start + from * 1000),
        last: Math.ceil(start + to * 1000),
        isWall: true,
      };
    }
    const longest = props.spec.names
      .flatMap((name) => placed(name, props.store, axis(), props.startMs) ?? [])
      .toSorted((a, b) => b.points.n - a.points.n)[0];
    return longest ? stepsBetween(longest.points.steps(), longest.x, from, to) : null;
  };
  const zoom = (from: number, to: number): void => {
    const window = untrack(() => windowOf(from, to));
    if (window) props.view.setWindow(window);
  };
  // Charts over different metrics have no x in common that a cursor could share.
  const isOwnX = (): boolean => props.view.chosenX() === "" && axis().metric !== null;
  const fileName = (): string =>
    `${props.runName} ${props.spec.title}`.replaceAll(/[^\w.-]+/g, "_");
  const xText = (x: number): string => {
    if (axis().kind === "clock") return clockText(x);
    return axis().kind === "elapsed" ? elapsedText(x) : String(Number(x.toPrecision(8)));
  };
  const saveSvg = (): void => {
    const svg = svgOf(drawn().lines, {
      title: props.spec.title,
      xLabel: axis().label,
      xText,
      isLog: props.view.isLog(),
      color: seriesColor,
      ink: tokenColor("--ink"),
      grid: tokenColor("--chart-grid"),
      background: tokenColor("--surface"),
    });
    saveFile(`${fileName()}.svg`, new Blob([svg], { type: "image/svg+xml" }));
  };
  const chart = (height: number, isMain: boolean): JSX.Element => (
    <LineChart
      title={props.spec.title}
      series={drawn().lines}
      axis={axis().kind}
      isLog={props.view.isLog()}
      isLogX={isLogX()}
      isClipped={props.view.isClipped()}
      height={height}
      group={isOwnX() ? undefined : props.group}
      onZoom={zoom}
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
      <header class={styles.panelHead}>
        <h2 class={styles.panelTitle} title={props.spec.title}>
          {props.spec.title}
        </h2>
        <Show when={isThinned()}>
          <span
            class={styles.thinned}
            title="More points than pixels: the first, lowest, highest and last of each pixel are drawn, so no peak is lost. Zoom in for every point."
          >
            min–max
          </span>
        </Show>
        <Show when={drawn().nLeftOut > 0}>
          <span
            class={styles.thinned}
            title="A log scale has no place for zero and what lies below it"
          >
            {drawn().nLeftOut.toLocaleString("en")} at x ≤ 0 left out
          </span>
        </Show>
        <Show when={isOwnX()}>
          <span class={styles.thinned} title="The run defines this as the x of the metric">
            over {axis().label}
          </span>
        </Show>
        <Menu label={`${props.spec.title}: more`} trigger={<Ellipsis size={16} />}>
          <MenuItem icon={<Maximize2 size={16} />} onSelect={() => setLarge(true)}>
            Enlarge
          </MenuItem>
          <MenuItem icon={<Table2 size={16} />} onSelect={() => setTable(!isTable())}>
            {isTable() ? "Show the chart" : "Show as a table"}
          </MenuItem>
          <MenuItem
            icon={<ImageDown size={16} />}
            onSelect={() => {
              if (canvas) savePicture(`${fileName()}.png`, canvas, tokenColor("--surface"));
            }}
          >
            Save as PNG
          </MenuItem>
          <MenuItem icon={<ImageDown size={16} />} onSelect={saveSvg}>
            Save as SVG
          </MenuItem>
          <MenuItem
            icon={<FileDown size={16} />}
            onSelect={() =>
              saveFile(
                `${fileName()}.csv`,
                new Blob([csvOf(axis().metric ?? axis().value, drawn().lines)], {
                  type: "text/csv",
                }),
              )
            }
          >
            Save as CSV
          </MenuItem>
        </Menu>
      </header>
      <Show
        when={isLoaded()}
        fallback={
          <div class={styles.waiting}>
            <Skeleton height={`${HEIGHT + 36}px`} />
          </div>
        }
      >
        <Show
          when={!isTable()}
          fallback={
            <DataTable
              title={props.spec.title}
              xLabel={axis().label}
              xText={xText}
              series={drawn().lines}
            />
          }
        >
          {chart(HEIGHT, true)}
        </Show>
      </Show>
      <Modal open={isLarge()} onClose={() => setLarge(false)} title={props.spec.title} wide>
        {chart(TALL, false)}
      </Modal>
    </article>
  );
}
