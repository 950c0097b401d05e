import { type Accessor, createSignal, onCleanup } from "solid-js";
import { useHotkeys } from "~/hotkeys/hotkeys";

export interface FullScreen {
  isFull: Accessor<boolean>;
  /** The height of the screen that the element fills, in CSS pixels. */
  height: Accessor<number>;
  toggle: () => void;
}

/** What can fill the screen, for the key that asks for it. */
const togglers = new WeakMap<Element, () => void>();
const FILLS = "data-fills-screen";

/** Let an element fill the screen; where the browser cannot or will not, `otherwise` is called. */
export function createFullScreen(otherwise: () => void): FullScreen & {
  /** Name the element. */
  at: (element: HTMLElement) => void;
} {
  const [isFull, setFull] = createSignal(false);
  const [height, setHeight] = createSignal(0);
  let place: HTMLElement | undefined;
  const onChange = (): void => {
    setFull(place !== undefined && document.fullscreenElement === place);
    setHeight(innerHeight);
  };
  const onEscape = (event: KeyboardEvent): void => {
    // Most browsers leave by themselves and tell the page nothing of the key.
    if (event.key === "Escape" && isFull() && !event.defaultPrevented) leave();
  };
  const toggle = (): void => {
    if (isFull()) leave();
    else if (place?.requestFullscreen) place.requestFullscreen().catch(otherwise);
    else otherwise();
  };
  document.addEventListener("fullscreenchange", onChange);
  document.addEventListener("keydown", onEscape);
  window.addEventListener("resize", onChange);
  onCleanup(() => {
    document.removeEventListener("fullscreenchange", onChange);
    document.removeEventListener("keydown", onEscape);
    window.removeEventListener("resize", onChange);
  });
  return {
    isFull,
    height,
    toggle,
    at: (element) => {
      place = element;
      element.setAttribute(FILLS, "");
      togglers.set(element, toggle);
    },
  };
}

function leave(): void {
  if (document.fullscreenElement) void document.exitFullscreen();
}

/** `f` lets the chart that has the focus, or the pointer, fill the screen, and ends that. */
export function useFullScreenKey(): void {
  useHotkeys([
    {
      keys: "f",
      description: "Chart with the focus or the pointer: full screen",
      run: ({ target }) => {
        const panel =
          document.fullscreenElement ??
          (target instanceof Element ? target.closest(`[${FILLS}]`) : null) ??
          document.querySelector(`[${FILLS}]:hover`);
        if (panel) togglers.get(panel)?.();
      },
    },
  ]);
}
