import Ellipsis from "lucide-solid/icons/ellipsis";
import FileDown from "lucide-solid/icons/file-down";
import ImageDown from "lucide-solid/icons/image-down";
import Maximize2 from "lucide-solid/icons/maximize-2";
import Table2 from "lucide-solid/icons/table-2";
import {
  createEffect,
  createMemo,
  createSignal,
  For,
  type JSX,
  onCleanup,
  onMount,
  Show,
  untrack,
} from "solid-js";
import { DataTable } from "~/charts/DataTable";
import { csvOf, saveFile, savePicture } from "~/charts/export";
import { clockText, elapsedText, valueText } from "~/charts/format";
import { cursorText } from "~/charts/options";
import { type ChartSeries, lastOf, nearest, valueAt } from "~/charts/series";
import type { CursorGroup } from "~/charts/sync";
import { Menu, MenuItem } from "~/components/Menu/Menu";
import { Modal } from "~/components/Modal/Modal";
import { Skeleton } from "~/components/Skeleton/Skeleton";
import { tokenColor } from "~/theme/theme";
import { axisOf, xOf } from "../detail/axes";
import charts from "../detail/charts.module.css";
import type { ChartView } from "../detail/view";
import type { RunGroup, RunLook } from "./looks";
import styles from "./overlay.module.css";
import { type BandKind, groupLines, type OverlayLine, runLines } from "./overlay-lines";
import { OverlayChart } from "./OverlayChart";
import { Swatch } from "./RunsBar";
import type { RunsStore } from "./runs-store";
import type { RunsWindow } from "./view";
import { windowBetween } from "./zoom";

export interface OverlayPanelProps {
  name: string;
  store: RunsStore;
  view: ChartView;
  onWindow: (window: RunsWindow | null) => void;
  looks: readonly RunLook[];
  /** Where runs are grouped: one mean for each group in place of its runs. */
  groups: readonly RunGroup[] | null;
  band: BandKind;
  cursorGroup: CursorGroup;
  hovered: string | null;
  onHover: (run: string | null) => void;
}

const HEIGHT = 230;
const TALL = 460;

/** One metric of all runs. Out of view it neither loads nor draws. */
export function OverlayPanel(props: OverlayPanelProps): JSX.Element {
  const [isInView, setInView] = createSignal(false);
  const [isTable, setTable] = createSignal(false);
  const [isLarge, setLarge] = createSignal(false);
  const [cursor, setCursor] = createSignal<number | null>(null);
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
    // Of many lines nobody sees half a pixel: fewer points, sooner there.
    const ratio = props.looks.length > 10 ? 1 : devicePixelRatio;
    const pixels = Math.ceil((isLarge() ? innerWidth : (place?.clientWidth ?? 480)) * ratio);
    props.store.need(props.name, pixels);
    if (props.view.axis() === "epoch") props.store.need("epoch", pixels);
  });
  const isLoaded = createMemo(() => props.store.series(props.name) !== undefined);
  // Out of view the lines stay as they were: nothing is computed for what nobody sees.
  const lines = createMemo<OverlayLine[]>((before) => {
    if (!isInView()) return before;
    const view = { axis: props.view.axis(), smoothing: props.view.smoothing() };
    const each = runLines(props.name, props.store, props.looks, view);
    return props.groups ? groupLines(props.groups, each, props.band) : each;
  }, []);
  const axis = () => axisOf(props.view.axis());
  const asSeries = (): ChartSeries[] =>
    lines().map(({ label, x, y, color, dash }) => ({ label, x, y, color, dash }));

  const zoom = (from: number, to: number): void => {
    const window = untrack(() => {
      const epochs = props.store.series("epoch");
      return windowBetween(
        props.view.axis(),
        props.looks.flatMap(({ run }) => {
          const points = props.store.series(props.name)?.get(run.id)?.points;
          if (!points) return [];
          const epoch = epochs?.get(run.id)?.points;
          const x = xOf(points, props.view.axis(), run.started_ms, epoch);
          return [{ steps: points.steps(), x }];
        }),
        from,
        to,
      );
    });
    if (window) props.onWindow(window);
  };
  const fileName = (): string => `compare ${props.name}`.replaceAll(/[^\w.-]+/g, "_");
  const xText = (x: number): string => {
    if (axis().kind === "clock") return clockText(x);
    return axis().kind === "elapsed" ? elapsedText(x) : String(Number(x.toPrecision(8)));
  };
  const chart = (height: number, isMain: boolean): JSX.Element => (
    <OverlayChart
      title={props.name}
      lines={lines()}
      axis={axis().kind}
      isLog={props.view.isLog()}
      isClipped={props.view.isClipped()}
      height={height}
      group={props.cursorGroup}
      hovered={props.hovered}
      onHover={props.onHover}
      onCursor={setCursor}
      onZoom={zoom}
      onReset={() => props.onWindow(null)}
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
      class={charts.panel}
      aria-label={props.name}
    >
      <header class={charts.panelHead}>
        <h2 class={charts.panelTitle} title={props.name}>
          {props.name}
        </h2>
        <Menu label={`${props.name}: more`} trigger={<Ellipsis size={16} />}>
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
          <MenuItem
            icon={<FileDown size={16} />}
            onSelect={() =>
              saveFile(
                `${fileName()}.csv`,
                new Blob([csvOf(axis().value, asSeries())], { type: "text/csv" }),
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
          <div class={charts.waiting}>
            <Skeleton height={`${HEIGHT + 28}px`} />
          </div>
        }
      >
        <Show
          when={!isTable()}
          fallback={
            <DataTable title={props.name} xLabel={axis().label} xText={xText} series={asSeries()} />
          }
        >
          {chart(HEIGHT, true)}
          <Told lines={lines()} hovered={props.hovered} cursor={cursor()} axis={axis().kind} />
        </Show>
      </Show>
      <Modal open={isLarge()} onClose={() => setLarge(false)} title={props.name} wide>
        {chart(TALL, false)}
        <Told lines={lines()} hovered={props.hovered} cursor={cursor()} axis={axis().kind} />
      </Modal>
    </article>
  );
}

/** Without a run at the pointer: the groups by name, or how many runs there are. */
function Lines(props: { lines: readonly OverlayLine[] }): JSX.Element {
  const means = (): OverlayLine[] => props.lines.filter((line) => line.run === null);
  return (
    <Show
      when={means().length > 0}
      fallback={`${props.lines.length} ${props.lines.length === 1 ? "run" : "runs"}`}
    >
      <For each={means()}>
        {(line) => (
          <span class={styles.group}>
            <Swatch color={line.color} dash={line.dash} /> {line.label}
          </span>
        )}
      </For>
    </Show>
  );
}

interface ToldProps {
  lines: readonly OverlayLine[];
  hovered: string | null;
  cursor: number | null;
  axis: Parameters<typeof cursorText>[0];
}

/** One line under the chart: the run at the pointer with its value there, else how many there are. */
function Told(props: ToldProps): JSX.Element {
  const line = (): OverlayLine | undefined =>
    props.hovered === null ? undefined : props.lines.find((one) => one.run === props.hovered);
  const value = (one: OverlayLine): string =>
    valueText(props.cursor === null ? lastOf(one) : valueAt(one, props.cursor));
  const at = (one: OverlayLine): string => {
    const x = props.cursor === null ? undefined : one.x[nearest(one, props.cursor)];
    return x === undefined ? "last" : `at ${cursorText(props.axis, x)}`;
  };
  return (
    <p class={styles.told}>
      <Show when={line()} fallback={<Lines lines={props.lines} />}>
        {(one) => (
          <>
            <strong>{one().label}</strong>
            <output>{value(one())}</output>
            <span class={styles.at}>{at(one())}</span>
          </>
        )}
      </Show>
    </p>
  );
}
