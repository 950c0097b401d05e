import { type JSX, Show } from "solid-js";
import styles from "./charts.module.css";
import type { PanelLines } from "./panel-lines";

export interface PanelHeadProps {
  title: string;
  lines: PanelLines;
  /** What can be done with the chart: its menu. */
  children: JSX.Element;
}

/** The head of a chart: its title, and what is to be known of the lines below. */
export function PanelHead(props: PanelHeadProps): JSX.Element {
  return (
    <header class={styles.panelHead}>
      <h2 class={styles.panelTitle} title={props.title}>
        {props.title}
      </h2>
      <PanelNotes lines={props.lines} />
      {props.children}
    </header>
  );
}

function PanelNotes(props: { lines: PanelLines }): JSX.Element {
  return (
    <>
      <Show when={props.lines.isThinned()}>
        <span
          class={styles.thinned}
          title="More points than pixels: the first, lowest, highest and last of each pixel are drawn, so no peak is lost. Zoom in for every point."
        >
          min–max
        </span>
      </Show>
      <Show when={props.lines.drawn().nLeftOut > 0}>
        <span
          class={styles.thinned}
          title="A log scale has no place for zero and what lies below it"
        >
          {props.lines.drawn().nLeftOut.toLocaleString("en")} at x ≤ 0 left out
        </span>
      </Show>
      <Show when={props.lines.isOwnX()}>
        <span class={styles.thinned} title="The run defines this as the x of the metric">
          over {props.lines.axis().label}
        </span>
      </Show>
    </>
  );
}
