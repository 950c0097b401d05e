import GripVertical from "lucide-solid/icons/grip-vertical";
import Pin from "lucide-solid/icons/pin";
import { type JSX, Show } from "solid-js";
import styles from "./charts.module.css";
import type { PanelLines } from "./panel-lines";

/** What can be done with a chart that has a place among others. */
export interface PanelPlace {
  id: string;
  isPinned: boolean;
  isMade: boolean;
  /** Its place in the group, from 0, and how many there are. */
  place: number;
  count: number;
  /** The id of what says how a chart is moved. */
  helpId: string;
  onPin: (isPinned: boolean) => void;
  onHide: () => void;
  onMove: (to: number) => void;
  /** A new chart with the metrics of this one, to be changed. */
  onCopy: () => void;
  /** Change or delete it, where it was drawn by hand. */
  onEdit: () => void;
  onDelete: () => void;
}

export interface PanelHeadProps {
  title: string;
  lines: PanelLines;
  place: PanelPlace | undefined;
  /** What can be done with the chart: its menu. */
  children: JSX.Element;
}

const STEPS: Record<string, -1 | 1> = {
  ArrowLeft: -1,
  ArrowUp: -1,
  ArrowRight: 1,
  ArrowDown: 1,
};

/** The head of a chart: its title, and what is to be known of the lines below; it moves the chart. */
export function PanelHead(props: PanelHeadProps): JSX.Element {
  const onKeyDown = (event: KeyboardEvent): void => {
    const step = STEPS[event.key];
    if (!props.place || step === undefined || event.target !== event.currentTarget) return;
    if (!event.shiftKey) return;
    event.preventDefault();
    props.place.onMove(props.place.place + step);
  };
  const onPointerDown = (event: PointerEvent & { currentTarget: HTMLElement }): void => {
    const panel = event.currentTarget.closest("article");
    const isHeld = event.target instanceof Element && event.target.closest("button, [role=menu]");
    if (!props.place || !panel || isHeld || event.button !== 0) return;
    // A finger that moves over the head scrolls the page, but on the grip.
    const isOnGrip = event.target instanceof Element && event.target.closest("[data-grip]");
    if (event.pointerType === "touch" && !isOnGrip) return;
    void import("./drag").then(({ dragPanel }) =>
      dragPanel(event, panel, (to) => props.place?.onMove(to)),
    );
  };
  return (
    <header
      class={styles.panelHead}
      data-movable={props.place ? "" : undefined}
      tabindex={props.place ? 0 : undefined}
      role={props.place ? "group" : undefined}
      aria-label={
        props.place && `${props.title}, chart ${props.place.place + 1} of ${props.place.count}`
      }
      aria-describedby={props.place?.helpId}
      aria-keyshortcuts={props.place && "Shift+ArrowLeft Shift+ArrowRight F"}
      onKeyDown={onKeyDown}
      onPointerDown={onPointerDown}
    >
      <Show when={props.place}>
        <span class={styles.grip} data-grip="" title="Drag, or Shift and an arrow key">
          <GripVertical size={15} aria-hidden="true" />
        </span>
      </Show>
      <h2 class={styles.panelTitle} title={props.title}>
        {props.title}
      </h2>
      <PanelNotes lines={props.lines} />
      <Show when={props.place}>
        {(place) => (
          <button
            type="button"
            class={styles.pin}
            aria-label={`Pin ${props.title} to the top`}
            aria-pressed={place().isPinned}
            title={place().isPinned ? "Unpin" : "Pin to the top"}
            onClick={() => place().onPin(!place().isPinned)}
          >
            <Pin size={15} />
          </button>
        )}
      </Show>
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
          title="More points than pixels: the band goes from the lowest to the highest of every two pixels, so no peak is lost; the line goes through the middle. Zoom in for every point."
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
