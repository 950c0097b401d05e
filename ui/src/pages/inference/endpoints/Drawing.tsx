import { createSignal, For, type JSX } from "solid-js";
import { Button } from "~/components/Button/Button";
import styles from "./page.module.css";
import type { Picture } from "./signature";

/** A grid of pixels to draw on with pointer or keyboard; tells its pixels (0..1, row by row). */
export function Drawing(props: {
  picture: Picture;
  onDraw: (pixels: number[]) => void;
}): JSX.Element {
  const blank = (): number[] => Array.from({ length: props.picture.side ** 2 }, () => 0);
  const [pixels, setPixels] = createSignal(blank());
  const set = (next: number[]): void => {
    setPixels(next);
    props.onDraw(next);
  };
  const dab = (event: PointerEvent & { currentTarget: HTMLElement }): void => {
    if (event.buttons === 0) return;
    const box = event.currentTarget.getBoundingClientRect();
    const side = props.picture.side;
    const x = ((event.clientX - box.left) / box.width) * side;
    const y = ((event.clientY - box.top) / box.height) * side;
    const reach = side > 8 ? 1.6 : 0.9;
    set(
      pixels().map((ink, index) => {
        const dx = (index % side) + 0.5 - x;
        const dy = Math.floor(index / side) + 0.5 - y;
        return Math.min(1, Math.max(ink, 1.25 - Math.hypot(dx, dy) / reach));
      }),
    );
  };
  const toggle = (index: number): void =>
    set(pixels().map((ink, at) => (at === index ? (ink > 0.5 ? 0 : 1) : ink)));
  return (
    <div class={styles.drawing}>
      <div
        class={styles.grid}
        style={{ "grid-template-columns": `repeat(${props.picture.side}, 1fr)` }}
        role="group"
        aria-label="Draw here"
        onPointerDown={(event) => {
          event.currentTarget.setPointerCapture(event.pointerId);
          dab(event);
        }}
        onPointerMove={dab}
      >
        <For each={pixels().map((_, index) => index)}>
          {(index) => (
            <button
              type="button"
              class={styles.pixel}
              style={{ "--ink-share": String(pixels()[index]) }}
              tabindex={index === 0 ? 0 : -1}
              aria-label={`Row ${Math.floor(index / props.picture.side) + 1}, column ${(index % props.picture.side) + 1}`}
              aria-pressed={(pixels()[index] ?? 0) > 0.5}
              onKeyDown={(event) => onKey(event, props.picture.side, index, toggle)}
            />
          )}
        </For>
      </div>
      <Button size="small" onClick={() => set(blank())}>
        Clear
      </Button>
    </div>
  );
}

function onKey(
  event: KeyboardEvent & { currentTarget: HTMLElement },
  side: number,
  index: number,
  toggle: (index: number) => void,
): void {
  if (event.key === " " || event.key === "Enter") {
    event.preventDefault();
    toggle(index);
    return;
  }
  const step = { ArrowLeft: -1, ArrowRight: 1, ArrowUp: -side, ArrowDown: side }[event.key];
  if (step === undefined) return;
  event.preventDefault();
  const next = event.currentTarget.parentElement?.children[index + step];
  if (next instanceof HTMLElement) next.focus();
}
