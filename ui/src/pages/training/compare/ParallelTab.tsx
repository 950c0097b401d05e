import { createMemo, createSignal, For, type JSX, onCleanup, onMount, Show } from "solid-js";
import type { RunComparison } from "~/api/types";
import { Button } from "~/components/Button/Button";
import { EmptyState } from "~/components/EmptyState/EmptyState";
import { Table } from "~/components/Table/Table";
import { AxisHandle } from "./AxisHandle";
import { AxisMenu } from "./AxisMenu";
import controls from "./controls.module.css";
import { FieldSelect } from "./FieldSelect";
import { type Field, fieldNamed, mainMetric, usualAxes } from "./fields";
import type { RunLook } from "./looks";
import { type Axis, axesOf, isWithin, nearestRun } from "./parallel";
import styles from "./parallel.module.css";
import { ParallelCanvas } from "./ParallelCanvas";
import { Ramp } from "./Ramp";
import { cellText } from "./rows";
import { tintOf, valueOf } from "./tint";
import type { Brushes, CompareView } from "./view";

export interface ParallelTabProps {
  comparison: RunComparison;
  fields: readonly Field[];
  looks: readonly RunLook[];
  view: CompareView;
  hovered: string | null;
  onHover: (run: string | null) => void;
}

const HEIGHT = 440;
const LEAST_AXIS = 110;
const REACH = 14;

/** Each run a line through its values; brushing axes leaves the runs that lie within. */
export default function ParallelTab(props: ParallelTabProps): JSX.Element {
  const chosen = createMemo(() => {
    const ids = props.view.list("axes");
    if (ids.length === 0) return usualAxes(props.fields);
    return ids.flatMap((id) => props.fields.find((one) => one.id === id) ?? []);
  });
  const axes = createMemo(() => axesOf(chosen(), props.view.list("plog")));
  const color = createMemo(() => {
    const id = props.view.text("pc");
    return id === "run" ? undefined : (fieldNamed(props.fields, id) ?? mainMetric(props.fields));
  });
  const within = createMemo(() => {
    const [now, brushes] = [axes(), props.view.brushes()];
    return new Set(props.looks.filter((l) => isWithin(l, now, brushes)).map((l) => l.run.id));
  });
  const setAxes = (ids: readonly string[]): void => props.view.setList("axes", ids);
  const toggleLog = (id: string): void => {
    const logs = props.view.list("plog");
    // The ends of a brush may have no place on the other scale.
    setBrush(id, null);
    props.view.setList(
      "plog",
      logs.includes(id) ? logs.filter((one) => one !== id) : [...logs, id],
    );
  };
  const setBrush = (id: string, brush: readonly [number, number] | null): void => {
    const { [id]: _, ...others } = props.view.brushes();
    const next: Brushes = brush ? { ...others, [id]: brush } : others;
    props.view.setBrushes(next);
  };
  const keepOnly = (): void => {
    const outside = props.comparison.runs.map((run) => run.id).filter((id) => !within().has(id));
    props.view.setHidden(new Set(outside));
    props.view.setBrushes({});
  };
  const others = (): Field[] => props.fields.filter((one) => !chosen().includes(one));
  return (
    <>
      <div class={controls.controls} role="group" aria-label="What the axes show">
        <FieldSelect
          label="Add an axis"
          none="choose…"
          fields={others()}
          value=""
          onChange={(id) => id && setAxes([...chosen().map((one) => one.id), id])}
        />
        <FieldSelect
          label="Colour"
          fields={[{ ...RUN_ITSELF, values: [] }, ...props.fields]}
          value={color()?.id ?? RUN_ITSELF.id}
          onChange={(id) => props.view.set("pc", id)}
        />
        <Ramp field={color()} scale={tintOf(color()).scale} />
      </div>
      <Show
        when={axes().length > 0}
        fallback={
          <EmptyState title="No axis yet">
            These runs differ in no value; choose an axis above to see what they share.
          </EmptyState>
        }
      >
        <Plot
          {...props}
          axes={axes()}
          color={color()}
          within={within()}
          onBrush={setBrush}
          onAxes={setAxes}
          onLog={toggleLog}
        />
        <p class={styles.foot} role="status">
          {within().size} of {props.looks.length} runs lie within every brush.
          <Show when={Object.keys(props.view.brushes()).length > 0}>
            <Button size="small" onClick={keepOnly} disabled={within().size === 0}>
              Keep only these
            </Button>
            <Button size="small" variant="ghost" onClick={() => props.view.setBrushes({})}>
              Clear the brushes
            </Button>
          </Show>
        </p>
        <details>
          <summary>As a table</summary>
          <LinesTable looks={props.looks.filter((l) => within().has(l.run.id))} fields={chosen()} />
        </details>
      </Show>
    </>
  );
}

const RUN_ITSELF: Field = {
  id: "run",
  label: "by run",
  group: "Run",
  isNumber: false,
  differs: true,
  values: [],
};

interface PlotProps extends ParallelTabProps {
  axes: readonly Axis[];
  color: Field | undefined;
  within: ReadonlySet<string>;
  onBrush: (id: string, brush: readonly [number, number] | null) => void;
  onAxes: (ids: readonly string[]) => void;
  onLog: (id: string) => void;
}

function Plot(props: PlotProps): JSX.Element {
  const [room, setRoom] = createSignal(800);
  let place: HTMLDivElement | undefined;
  onMount(() => {
    const observer = new ResizeObserver(([entry]) => setRoom(entry?.contentRect.width ?? 800));
    if (place) observer.observe(place);
    onCleanup(() => observer.disconnect());
  });
  const width = (): number => Math.max(room(), props.axes.length * LEAST_AXIS);
  const size = () => ({ width: width(), height: HEIGHT });
  const tint = createMemo(() => tintOf(props.color));
  const point = (event: PointerEvent & { currentTarget: HTMLElement }): void => {
    const box = event.currentTarget.getBoundingClientRect();
    const at = { x: event.clientX - box.left, y: event.clientY - box.top };
    const candidates = props.looks.filter((look) => props.within.has(look.run.id));
    props.onHover(nearestRun(candidates, props.axes, size(), at, REACH));
  };
  return (
    <div
      ref={(element) => {
        place = element;
      }}
      class={styles.scroller}
    >
      <div class={styles.heads} style={{ width: `${width()}px` }}>
        <For each={props.axes}>
          {(axis, at) => (
            <AxisMenu
              axis={axis}
              at={at()}
              width={width()}
              axes={props.axes}
              onAxes={props.onAxes}
              onLog={props.onLog}
            />
          )}
        </For>
      </div>
      <div
        class={styles.plot}
        style={{ width: `${width()}px`, height: `${size().height}px` }}
        onPointerMove={point}
        onPointerLeave={() => props.onHover(null)}
      >
        <ParallelCanvas
          axes={props.axes}
          looks={props.looks}
          isWithin={(look) => props.within.has(look.run.id)}
          paint={tint().paint}
          hovered={props.hovered}
          width={width()}
          height={HEIGHT}
        />
        <For each={props.axes}>
          {(axis, at) => (
            <AxisHandle
              axis={axis}
              at={at()}
              count={props.axes.length}
              width={width()}
              height={HEIGHT}
              brushes={props.view.brushes()}
              onBrush={(brush) => props.onBrush(axis.field.id, brush)}
            />
          )}
        </For>
      </div>
    </div>
  );
}

function LinesTable(props: { looks: readonly RunLook[]; fields: readonly Field[] }): JSX.Element {
  return (
    <Table
      caption="The runs within every brush"
      maxHeight="24rem"
      head={
        <>
          <th scope="col">Run</th>
          <For each={props.fields}>{(one) => <th scope="col">{one.label}</th>}</For>
        </>
      }
    >
      <For each={props.looks}>
        {(look) => (
          <tr>
            <th scope="row">{look.run.name}</th>
            <For each={props.fields}>{(one) => <td>{cellText(valueOf(one, look))}</td>}</For>
          </tr>
        )}
      </For>
    </Table>
  );
}
