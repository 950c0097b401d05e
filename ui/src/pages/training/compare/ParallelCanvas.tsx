import { createEffect, type JSX } from "solid-js";
import { theme } from "~/theme/theme";
import styles from "./parallel.module.css";
import { drawLines, type Picture } from "./parallel-paint";

/** The lines; painted once an animation frame, however often something changes. */
export function ParallelCanvas(props: Picture): JSX.Element {
  let canvas: HTMLCanvasElement | undefined;
  let latest: Picture | undefined;
  let isAsked = false;
  createEffect(() => {
    theme();
    latest = { ...props };
    if (isAsked) return;
    isAsked = true;
    requestAnimationFrame(() => {
      isAsked = false;
      if (canvas && latest) drawLines(canvas, latest);
    });
  });
  return (
    <canvas
      ref={(element) => {
        canvas = element;
      }}
      class={styles.canvas}
      style={{ width: `${props.width}px`, height: `${props.height}px` }}
      role="img"
      aria-label={`${props.looks.length} runs over ${props.axes.map((axis) => axis.field.label).join(", ")}`}
    />
  );
}
