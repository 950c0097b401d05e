import { For, type JSX } from "solid-js";
import { type Axis, axisX, brushBetween, endsOf, pixelY, placeAt } from "./parallel";
import styles from "./parallel.module.css";
import type { Brushes } from "./view";

export interface AxisHandleProps {
  axis: Axis;
  at: number;
  count: number;
  width: number;
  height: number;
  brushes: Brushes;
  onBrush: (brush: readonly [number, number] | null) => void;
}

const STEP = 0.02;
const LEAP = 0.1;
const LEAST_DRAG = 0.01;

/**
 * An axis with its ticks and its brush: dragging along it marks a stretch, a press clears it. Each
 * end is a slider of its own, for keys.
 */
export function AxisHandle(props: AxisHandleProps): JSX.Element {
  const x = (): number => axisX(props.at, props.count, props.width);
  const ends = (): [number, number] => endsOf(props.axis, props.brushes);
  const isBrushed = (): boolean => props.brushes[props.axis.field.id] !== undefined;
  const set = (from: number, to: number): void =>
    props.onBrush(brushBetween(props.axis.scale, from, to));

  const drag = (event: PointerEvent & { currentTarget: HTMLElement }): void => {
    const target = event.currentTarget;
    const box = target.getBoundingClientRect();
    const place = (one: PointerEvent): number => placeAt(one.clientY - box.top, props.height);
    const start = place(event);
    let isDragged = false;
    target.setPointerCapture(event.pointerId);
    event.preventDefault();
    const move = (next: PointerEvent): void => {
      if (!isDragged && Math.abs(place(next) - start) < LEAST_DRAG) return;
      isDragged = true;
      set(start, place(next));
    };
    const end = (): void => {
      target.removeEventListener("pointermove", move);
      target.removeEventListener("pointerup", end);
      target.removeEventListener("pointercancel", end);
      if (!isDragged) props.onBrush(null);
    };
    target.addEventListener("pointermove", move);
    target.addEventListener("pointerup", end);
    target.addEventListener("pointercancel", end);
  };
  const onKeyDown = (event: KeyboardEvent, isLow: boolean): void => {
    const [low, high] = ends();
    const now = isLow ? low : high;
    const next = {
      ArrowUp: now + STEP,
      ArrowRight: now + STEP,
      ArrowDown: now - STEP,
      ArrowLeft: now - STEP,
      PageUp: now + LEAP,
      PageDown: now - LEAP,
      Home: 0,
      End: 1,
    }[event.key];
    if (event.key === "Escape") props.onBrush(null);
    if (next === undefined) return;
    event.preventDefault();
    // The ends do not pass each other.
    if (isLow) set(Math.min(next, high), high);
    else set(low, Math.max(next, low));
  };

  return (
    <div
      class={styles.axis}
      style={{ left: `${x()}px`, height: `${props.height}px` }}
      onPointerDown={drag}
    >
      <span
        class={styles.line}
        style={{
          top: `${pixelY(1, props.height)}px`,
          height: `${pixelY(0, props.height) - pixelY(1, props.height)}px`,
        }}
      />
      <For each={props.axis.scale.ticks.slice(0, 24)}>
        {(tick) => (
          <span
            class={styles.tick}
            style={{ top: `${pixelY(tick.at, props.height)}px` }}
            title={tick.text}
          >
            {tick.text}
          </span>
        )}
      </For>
      <span
        class={styles.brush}
        classList={{ [styles.on ?? ""]: isBrushed() }}
        style={{
          top: `${pixelY(ends()[1], props.height)}px`,
          height: `${pixelY(ends()[0], props.height) - pixelY(ends()[1], props.height)}px`,
        }}
      />
      <For each={[true, false]}>
        {(isLow) => (
          <span
            class={styles.end}
            role="slider"
            tabindex="0"
            aria-orientation="vertical"
            aria-label={`${props.axis.field.label}: ${isLow ? "from" : "to"}`}
            aria-valuemin={0}
            aria-valuemax={100}
            aria-valuenow={Math.round(ends()[isLow ? 0 : 1] * 100)}
            aria-valuetext={props.axis.scale.textOf(
              props.axis.scale.numberAt(ends()[isLow ? 0 : 1]),
            )}
            style={{ top: `${pixelY(ends()[isLow ? 0 : 1], props.height)}px` }}
            onKeyDown={(event) => onKeyDown(event, isLow)}
          />
        )}
      </For>
    </div>
  );
}
