/** A panel moved by the pointer among those beside it: loaded when the first one is. */

const STARTS_PX = 6;
const EDGE_PX = 72;
const SCROLL_PX = 14;

/**
 * Follow a pointer that was pressed on a panel. Where it is let go over another panel of the same
 * parent, `onDrop` gets that one's place; Escape leaves all as it was.
 */
export function dragPanel(
  start: PointerEvent,
  panel: HTMLElement,
  onDrop: (place: number) => void,
): void {
  const siblings = (): HTMLElement[] =>
    [...(panel.parentElement?.children ?? [])].filter((one) => one instanceof HTMLElement);
  const from = siblings().indexOf(panel);
  const listening = new AbortController();
  let at = { x: start.clientX, y: start.clientY };
  let isMoving = false;
  let to = -1;

  const mark = (): void => {
    to = siblings().findIndex((one) => one !== panel && holds(one, at));
    for (const [place, one] of siblings().entries()) {
      if (place === to) one.dataset["drop"] = from < to ? "after" : "before";
      else delete one.dataset["drop"];
    }
  };
  const scroll = (): void => {
    if (listening.signal.aborted) return;
    if (at.y < EDGE_PX) scrollBy(0, -SCROLL_PX);
    if (at.y > innerHeight - EDGE_PX) scrollBy(0, SCROLL_PX);
    mark();
    requestAnimationFrame(scroll);
  };
  const end = (isDropped: boolean): void => {
    listening.abort();
    delete panel.dataset["dragged"];
    for (const one of siblings()) delete one.dataset["drop"];
    if (isDropped && isMoving && to >= 0) onDrop(to);
  };
  const move = (event: PointerEvent): void => {
    if (event.pointerId !== start.pointerId) return;
    // It was let go before this code had arrived.
    if ((event.buttons & 1) === 0) {
      end(false);
      return;
    }
    at = { x: event.clientX, y: event.clientY };
    if (isMoving) return;
    if (Math.hypot(at.x - start.clientX, at.y - start.clientY) < STARTS_PX) return;
    isMoving = true;
    panel.dataset["dragged"] = "";
    requestAnimationFrame(scroll);
  };
  const { signal } = listening;
  document.addEventListener("pointermove", move, { signal });
  const drop = (event: PointerEvent): void => {
    at = { x: event.clientX, y: event.clientY };
    if (isMoving) mark();
    end(true);
  };
  document.addEventListener("pointerup", drop, { signal });
  document.addEventListener("pointercancel", () => end(false), { signal });
  document.addEventListener(
    "keydown",
    (event) => {
      if (event.key !== "Escape") return;
      event.stopPropagation();
      end(false);
    },
    { signal, capture: true },
  );
}

function holds(element: HTMLElement, at: { x: number; y: number }): boolean {
  const box = element.getBoundingClientRect();
  return at.x >= box.left && at.x <= box.right && at.y >= box.top && at.y <= box.bottom;
}
