import type { JSX } from "solid-js";
import { createSignal } from "solid-js";
import type { Column } from "./columns";
import type { ColumnActions } from "./HeadCell";
import styles from "./head.module.css";
import type { TableGeometry } from "./LaneBox";
import { NARROWEST } from "./layout";

const STEP = 16;

export interface ResizerProps {
  column: Column;
  geometry: TableGeometry;
  actions: Pick<ColumnActions, "resize" | "fit">;
}

/** The right edge of a head: dragged, or moved by the arrow keys, it makes the column wider. */
export function Resizer(props: ResizerProps): JSX.Element {
  const [isHeld, setHeld] = createSignal(false);
  let from = { x: 0, width: 0 };
  const key = (): string => props.column.key;
  const width = (): number => props.geometry.lane(key())?.width ?? 0;
  const widthAt = (event: PointerEvent): number => from.width + event.clientX - from.x;
  const onPointerDown = (event: PointerEvent & { currentTarget: HTMLElement }): void => {
    event.preventDefault();
    event.currentTarget.setPointerCapture(event.pointerId);
    from = { x: event.clientX, width: width() };
    setHeld(true);
  };
  const onPointerMove = (event: PointerEvent): void => {
    if (isHeld()) props.actions.resize(key(), widthAt(event), false);
  };
  const onPointerUp = (event: PointerEvent): void => {
    if (!isHeld()) return;
    setHeld(false);
    // A press without a drag is the half of a double click.
    if (event.clientX !== from.x) props.actions.resize(key(), widthAt(event), true);
  };
  const onKeyDown = (event: KeyboardEvent): void => {
    const by = { ArrowLeft: -STEP, ArrowRight: STEP }[event.key];
    if (event.key === "Enter") props.actions.fit(key());
    if (by === undefined) return;
    event.preventDefault();
    props.actions.resize(key(), width() + by, true);
  };
  return (
    <span
      class={styles.resizer}
      classList={{ [styles.held ?? ""]: isHeld() }}
      role="separator"
      aria-orientation="vertical"
      aria-label={`Width of ${props.column.label}`}
      aria-valuenow={Math.round(width())}
      aria-valuemin={NARROWEST}
      tabindex={0}
      onPointerDown={onPointerDown}
      onPointerMove={onPointerMove}
      onPointerUp={onPointerUp}
      onPointerCancel={() => setHeld(false)}
      onDblClick={() => props.actions.fit(key())}
      onKeyDown={onKeyDown}
    />
  );
}
