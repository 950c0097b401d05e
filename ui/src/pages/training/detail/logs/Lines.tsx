import { createEffect, createMemo, createSignal, For, type JSX, on, onCleanup } from "solid-js";
import { onMount, Show } from "solid-js";
import type { LogEntry } from "~/api/types";
import { ansiPieces } from "./ansi";
import { marked } from "./marked";
import styles from "./logs.module.css";

const ROW = 22;
const AROUND = 20;
/** Browsers lay out no taller element than this times two or three: a longer log scrolls faster. */
const TALLEST = 8_000_000;
const KEYS = new Set(["ArrowUp", "ArrowDown", "PageUp", "PageDown", "Home", "End"]);
const UPWARDS = new Set(["ArrowUp", "PageUp", "Home"]);

export interface LinesProps {
  count: number;
  /** The line in row `index`, counted from 0; undefined while it is on its way. */
  line: (index: number) => LogEntry | undefined;
  /** Which rows are in view. */
  onRange: (first: number, last: number) => void;
  isFollowing: boolean;
  onLeaveEnd: () => void;
  /** The row to show and mark. */
  target?: number | undefined;
  find: string;
  onOpen: (line: LogEntry) => void;
}

/** Rows of a log of any length; only those in view exist. */
export function Lines(props: LinesProps): JSX.Element {
  let scroller!: HTMLDivElement;
  const [top, setTop] = createSignal(0);
  const [viewed, setViewed] = createSignal(600);
  const height = (): number => Math.min(props.count * ROW, TALLEST);
  /** Pixels of the log for a pixel of the scroll bar. */
  const ratio = createMemo(() => {
    const range = height() - viewed();
    return range > 0 ? Math.max(1, (props.count * ROW - viewed()) / range) : 1;
  });
  const first = createMemo(() => Math.max(0, Math.floor((top() * ratio()) / ROW) - AROUND));
  const last = createMemo(() =>
    Math.min(props.count - 1, first() + Math.ceil(viewed() / ROW) + 2 * AROUND),
  );
  const rows = createMemo(() =>
    Array.from({ length: Math.max(0, last() - first() + 1) }, (_, i) => first() + i),
  );
  const offset = (): number => top() - top() * ratio() + first() * ROW;
  const scrollTo = (pixels: number): void => {
    scroller.scrollTop = pixels / ratio();
    setTop(scroller.scrollTop);
  };
  const scrollBy = (pixels: number): void => scrollTo(top() * ratio() + pixels);

  onMount(() => {
    const observer = new ResizeObserver(() => setViewed(scroller.clientHeight));
    observer.observe(scroller);
    onCleanup(() => observer.disconnect());
  });
  createEffect(on([first, last], ([from, to]) => props.onRange(from, to)));
  createEffect(
    on([() => props.count, () => props.isFollowing], ([count, isFollowing]) => {
      if (isFollowing) requestAnimationFrame(() => scrollTo(count * ROW));
    }),
  );
  createEffect(
    on(
      () => props.target,
      (target) => {
        if (target === undefined) return;
        requestAnimationFrame(() => scrollTo(target * ROW - viewed() / 3));
      },
    ),
  );
  const onKey = (event: KeyboardEvent): void => {
    if (!KEYS.has(event.key) || event.altKey || event.metaKey) return;
    event.preventDefault();
    if (UPWARDS.has(event.key)) props.onLeaveEnd();
    if (event.key === "Home") scrollTo(0);
    else if (event.key === "End") scrollTo(props.count * ROW);
    else {
      const by = event.key.startsWith("Page") ? viewed() - 2 * ROW : ROW;
      scrollBy(event.key.endsWith("Up") ? -by : by);
    }
  };
  const onWheel = (event: WheelEvent): void => {
    if (event.deltaY < 0) props.onLeaveEnd();
    if (ratio() === 1 || event.ctrlKey || event.shiftKey) return;
    event.preventDefault();
    scrollBy(event.deltaMode === WheelEvent.DOM_DELTA_LINE ? event.deltaY * ROW : event.deltaY);
  };
  return (
    <div
      ref={(element) => {
        scroller = element;
        element.addEventListener("wheel", onWheel, { passive: false });
      }}
      class={styles.lines}
      tabindex="0"
      role="log"
      aria-label="Lines of the log"
      aria-live="off"
      onScroll={() => setTop(scroller.scrollTop)}
      onKeyDown={onKey}
    >
      <div class={styles.all} style={{ height: `${height()}px` }}>
        <div class={styles.window} style={{ transform: `translateY(${offset()}px)` }}>
          <For each={rows()}>
            {(row) => (
              <Show
                when={props.line(row)}
                fallback={<div class={styles.line} aria-hidden="true" />}
              >
                {(line) => (
                  <Line
                    line={line()}
                    find={props.find}
                    isTarget={row === props.target}
                    onOpen={() => props.onOpen(line())}
                  />
                )}
              </Show>
            )}
          </For>
        </div>
      </div>
    </div>
  );
}

function Line(props: {
  line: LogEntry;
  find: string;
  isTarget: boolean;
  onOpen: () => void;
}): JSX.Element {
  const pieces = createMemo(() => marked(ansiPieces(props.line.message), props.find));
  return (
    <div
      class={styles.line}
      classList={{ [styles["target"] ?? ""]: props.isTarget }}
      data-level={props.line.level}
    >
      <button
        type="button"
        class={styles.number}
        title={`Line ${props.line.seq}: show it among the others, with a link of its own`}
        tabindex="-1"
        onClick={() => props.onOpen()}
      >
        {props.line.seq}
      </button>
      <time class={styles.time} datetime={props.line.timestamp} title={props.line.timestamp}>
        {new Date(props.line.timestamp).toLocaleTimeString("en-GB")}
      </time>
      <span class={styles.text}>
        <For each={pieces()}>
          {(piece) => (
            <span class={piece.styles.map((style) => styles[style]).join(" ")}>{piece.text}</span>
          )}
        </For>
      </span>
    </div>
  );
}
