import { useNavigate } from "@solidjs/router";
import { createMemo, createSignal, For, type JSX, onCleanup, onMount, Show } from "solid-js";
import { EmptyState } from "~/components/EmptyState/EmptyState";
import { Table } from "~/components/Table/Table";
import controls from "./controls.module.css";
import { FieldSelect } from "./FieldSelect";
import { type Field, fieldNamed, mainMetric } from "./fields";
import type { RunLook } from "./looks";
import { Ramp } from "./Ramp";
import { cellText } from "./rows";
import { canBeLog, type Scale, scaleOf } from "./scale";
import styles from "./scatter.module.css";
import { tintOf, valueOf } from "./tint";
import type { CompareView } from "./view";

export interface ScatterTabProps {
  fields: readonly Field[];
  looks: readonly RunLook[];
  view: CompareView;
  hovered: string | null;
  onHover: (run: string | null) => void;
}

const HEIGHT = 460;
const EDGE = { left: 72, right: 24, top: 16, bottom: 52 };

interface Dot {
  look: RunLook;
  x: number;
  y: number;
}

/** Each run a mark: one value against another, coloured by a third. */
export default function ScatterTab(props: ScatterTabProps): JSX.Element {
  const isConfig = (one: Field): boolean => one.id.startsWith("config:") && one.differs;
  const x = createMemo(() =>
    fieldNamed(
      props.fields,
      props.view.text("sx"),
      (one) => isConfig(one) && one.isNumber,
      isConfig,
    ),
  );
  const y = createMemo(
    () => fieldNamed(props.fields, props.view.text("sy")) ?? mainMetric(props.fields),
  );
  const color = createMemo(() => fieldNamed(props.fields, props.view.text("sc")));
  const isLog = (axis: "x" | "y"): boolean => props.view.text("slog").includes(axis);
  const setLog = (axis: "x" | "y", isOn: boolean): void => {
    const others = props.view.text("slog").replace(axis, "");
    props.view.set("slog", isOn ? others + axis : others);
  };
  return (
    <>
      <div class={controls.controls} role="group" aria-label="What the marks show">
        <FieldSelect
          label="X"
          fields={props.fields}
          value={x()?.id ?? ""}
          onChange={(id) => props.view.set("sx", id)}
        />
        <LogBox axis="x" field={x()} isOn={isLog("x")} onChange={setLog} />
        <FieldSelect
          label="Y"
          fields={props.fields}
          value={y()?.id ?? ""}
          onChange={(id) => props.view.set("sy", id)}
        />
        <LogBox axis="y" field={y()} isOn={isLog("y")} onChange={setLog} />
        <FieldSelect
          label="Colour"
          none="by run"
          fields={props.fields}
          value={color()?.id ?? ""}
          onChange={(id) => props.view.set("sc", id)}
        />
      </div>
      <Show
        when={x() && y()}
        fallback={
          <EmptyState title="Nothing to lay out yet">
            It takes a value that runs were given and one that they reached.
          </EmptyState>
        }
      >
        <Plot
          {...props}
          x={x() as Field}
          y={y() as Field}
          color={color()}
          isLogX={isLog("x")}
          isLogY={isLog("y")}
        />
      </Show>
    </>
  );
}

function LogBox(props: {
  axis: "x" | "y";
  field: Field | undefined;
  isOn: boolean;
  onChange: (axis: "x" | "y", isOn: boolean) => void;
}): JSX.Element {
  return (
    <label class={controls.control}>
      <input
        type="checkbox"
        aria-label={`Log scale of ${props.axis}`}
        checked={props.isOn}
        disabled={!canBeLog(props.field)}
        onChange={(event) => props.onChange(props.axis, event.currentTarget.checked)}
      />
      <span>Log</span>
    </label>
  );
}

interface PlotProps extends ScatterTabProps {
  x: Field;
  y: Field;
  color: Field | undefined;
  isLogX: boolean;
  isLogY: boolean;
}

function Plot(props: PlotProps): JSX.Element {
  const navigate = useNavigate();
  const [width, setWidth] = createSignal(720);
  let place: HTMLDivElement | undefined;
  onMount(() => {
    const observer = new ResizeObserver(([entry]) => setWidth(entry?.contentRect.width ?? 720));
    if (place) observer.observe(place);
    onCleanup(() => observer.disconnect());
  });
  const scaleX = createMemo(() => scaleOf(props.x, props.isLogX));
  const scaleY = createMemo(() => scaleOf(props.y, props.isLogY));
  const tint = createMemo(() => tintOf(props.color));
  const toX = (at: number): number =>
    EDGE.left + (0.03 + 0.94 * at) * (width() - EDGE.left - EDGE.right);
  const toY = (at: number): number =>
    HEIGHT - EDGE.bottom - (0.03 + 0.94 * at) * (HEIGHT - EDGE.top - EDGE.bottom);
  const dots = createMemo(() =>
    props.looks.flatMap((look): Dot[] => {
      const x = scaleX().place(valueOf(props.x, look));
      const y = scaleY().place(valueOf(props.y, look));
      return x === null || y === null ? [] : [{ look, x: toX(x), y: toY(y) }];
    }),
  );
  const pointed = (): Dot | undefined => dots().find((dot) => dot.look.run.id === props.hovered);
  return (
    <div class={controls.card}>
      <div
        ref={(element) => {
          place = element;
        }}
        class={styles.place}
      >
        <svg
          class={styles.plot}
          width={width()}
          height={HEIGHT}
          role="group"
          aria-label={`${props.y.label} against ${props.x.label}, ${dots().length} runs`}
        >
          <Axes
            x={props.x}
            y={props.y}
            scaleX={scaleX()}
            scaleY={scaleY()}
            toX={toX}
            toY={toY}
            width={width()}
          />
          <For each={dots()}>
            {(dot) => (
              <g
                role="link"
                tabindex="0"
                aria-label={describe(dot.look, [props.x, props.y, props.color])}
                class={styles.dot}
                classList={{
                  [styles.faint ?? ""]: props.hovered !== null && props.hovered !== dot.look.run.id,
                }}
                onPointerEnter={() => props.onHover(dot.look.run.id)}
                onPointerLeave={() => props.onHover(null)}
                onFocus={() => props.onHover(dot.look.run.id)}
                onBlur={() => props.onHover(null)}
                onClick={() => navigate(`/training/${dot.look.run.id}`)}
                onKeyDown={(event) => {
                  if (event.key === "Enter") navigate(`/training/${dot.look.run.id}`);
                }}
              >
                <path d={shapeOf(dot)} style={{ fill: tint().css(dot.look) }} />
              </g>
            )}
          </For>
        </svg>
        <Show when={pointed()}>
          {(dot) => <Note dot={dot()} fields={[props.x, props.y, props.color]} width={width()} />}
        </Show>
      </div>
      <p class={controls.note}>
        <Ramp field={props.color} scale={tint().scale} />{" "}
        {dots().length < props.looks.length
          ? `${props.looks.length - dots().length} of ${props.looks.length} runs have no place here: a value is missing${props.isLogX || props.isLogY ? ", or not above 0" : ""}.`
          : ""}
      </p>
      <details>
        <summary>As a table</summary>
        <DotTable looks={props.looks} fields={[props.x, props.y, props.color]} />
      </details>
    </div>
  );
}

function describe(look: RunLook, fields: readonly (Field | undefined)[]): string {
  const told = fields.flatMap((one) =>
    one ? [`${one.label} ${cellText(valueOf(one, look))}`] : [],
  );
  return `${look.run.name}: ${told.join(", ")}`;
}

/** Circle, square, diamond, triangle: beyond the tenth run another shape, as lines get dashes. */
function shapeOf({ x, y, look }: Dot): string {
  const r = 6;
  switch (look.dash % 4) {
    case 1:
      return `M${x - r} ${y - r}h${2 * r}v${2 * r}h${-2 * r}z`;
    case 2:
      return `M${x} ${y - r - 2}L${x + r + 2} ${y}L${x} ${y + r + 2}L${x - r - 2} ${y}z`;
    case 3:
      return `M${x} ${y - r - 1}L${x + r + 1} ${y + r}L${x - r - 1} ${y + r}z`;
    default:
      return `M${x - r} ${y}a${r} ${r} 0 1 0 ${2 * r} 0a${r} ${r} 0 1 0 ${-2 * r} 0z`;
  }
}

interface AxesProps {
  x: Field;
  y: Field;
  scaleX: Scale;
  scaleY: Scale;
  toX: (at: number) => number;
  toY: (at: number) => number;
  width: number;
}

function Axes(props: AxesProps): JSX.Element {
  const foot = HEIGHT - EDGE.bottom;
  // As many words as fit beside each other.
  const ticksX = () => {
    const { ticks } = props.scaleX;
    const room = Math.max(1, Math.floor((props.width - EDGE.left) / 70));
    const every = Math.ceil(ticks.length / room);
    return ticks.filter((_, at) => at % every === 0);
  };
  return (
    <g class={styles.axes} aria-hidden="true">
      <For each={ticksX()}>
        {(tick) => (
          <>
            <line x1={props.toX(tick.at)} x2={props.toX(tick.at)} y1={EDGE.top} y2={foot} />
            <text x={props.toX(tick.at)} y={foot + 18} text-anchor="middle">
              {clipped(tick.text)}
            </text>
          </>
        )}
      </For>
      <For each={props.scaleY.ticks}>
        {(tick) => (
          <>
            <line
              x1={EDGE.left}
              x2={props.width - EDGE.right}
              y1={props.toY(tick.at)}
              y2={props.toY(tick.at)}
            />
            <text x={EDGE.left - 8} y={props.toY(tick.at) + 4} text-anchor="end">
              {clipped(tick.text)}
            </text>
          </>
        )}
      </For>
      <text
        class={styles.title}
        x={(EDGE.left + props.width - EDGE.right) / 2}
        y={HEIGHT - 10}
        text-anchor="middle"
      >
        {props.x.label}
      </text>
      <text
        class={styles.title}
        transform={`translate(14 ${(EDGE.top + foot) / 2}) rotate(-90)`}
        text-anchor="middle"
      >
        {props.y.label}
      </text>
    </g>
  );
}

function clipped(text: string): string {
  return text.length > 9 ? `${text.slice(0, 8)}…` : text;
}

function Note(props: {
  dot: Dot;
  fields: readonly (Field | undefined)[];
  width: number;
}): JSX.Element {
  const isLeft = (): boolean => props.dot.x > props.width - 220;
  return (
    <div
      class={styles.note}
      classList={{ [styles.left ?? ""]: isLeft() }}
      style={{ left: `${props.dot.x}px`, top: `${props.dot.y}px` }}
    >
      <strong>{props.dot.look.run.name}</strong>
      <For each={props.fields.filter((one) => one !== undefined)}>
        {(one) => (
          <span>
            {one.label}: {cellText(valueOf(one, props.dot.look))}
          </span>
        )}
      </For>
    </div>
  );
}

function DotTable(props: {
  looks: readonly RunLook[];
  fields: readonly (Field | undefined)[];
}): JSX.Element {
  const fields = (): Field[] => props.fields.filter((one) => one !== undefined);
  return (
    <Table
      caption="The values of each run"
      maxHeight="24rem"
      head={
        <>
          <th scope="col">Run</th>
          <For each={fields()}>{(one) => <th scope="col">{one.label}</th>}</For>
        </>
      }
    >
      <For each={props.looks}>
        {(look) => (
          <tr>
            <th scope="row">{look.run.name}</th>
            <For each={fields()}>{(one) => <td>{cellText(valueOf(one, look))}</td>}</For>
          </tr>
        )}
      </For>
    </Table>
  );
}
