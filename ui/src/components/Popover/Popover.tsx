import { createEffect, createSignal, createUniqueId, type JSX, onCleanup, Show } from "solid-js";
import { Portal } from "solid-js/web";
import styles from "./Popover.module.css";

export interface PopoverProps {
  /** What the button and the panel say to screen readers. */
  label: string;
  trigger: JSX.Element;
  /** A menu moves by arrows and closes when something was chosen. */
  role?: "dialog" | "menu";
  align?: "start" | "end";
  /** Classes of the button, in place of the usual look. */
  triggerClass?: string | undefined;
  panelClass?: string | undefined;
  children: (close: () => void) => JSX.Element;
}

const GAP = 4;
const EDGE = 8;

/** A button with a panel over the page, wherever the button is: nothing cuts the panel off. */
export function Popover(props: PopoverProps): JSX.Element {
  const [isOpen, setOpen] = createSignal(false);
  const id = createUniqueId();
  let trigger: HTMLButtonElement | undefined;
  const close = (): void => {
    setOpen(false);
    trigger?.focus();
  };
  return (
    <>
      <button
        ref={(element) => {
          trigger = element;
        }}
        type="button"
        class={props.triggerClass ?? styles.trigger}
        aria-label={props.label}
        aria-haspopup={props.role ?? "dialog"}
        aria-expanded={isOpen()}
        aria-controls={isOpen() ? id : undefined}
        onClick={() => setOpen(!isOpen())}
      >
        {props.trigger}
      </button>
      <Show when={isOpen()}>
        <Portal>
          <Panel {...props} id={id} anchor={trigger} close={close} leave={() => setOpen(false)} />
        </Portal>
      </Show>
    </>
  );
}

interface PanelProps extends PopoverProps {
  id: string;
  anchor: HTMLElement | undefined;
  close: () => void;
  leave: () => void;
}

function Panel(props: PanelProps): JSX.Element {
  let panel: HTMLDivElement | undefined;
  const [at, setAt] = createSignal({ left: 0, top: 0, height: 0 });
  const place = (): void => {
    const anchor = props.anchor?.getBoundingClientRect();
    if (!anchor || !panel) return;
    const wanted = props.align === "end" ? anchor.right - panel.offsetWidth : anchor.left;
    const left = Math.max(EDGE, Math.min(wanted, innerWidth - panel.offsetWidth - EDGE));
    const below = innerHeight - anchor.bottom - GAP - EDGE;
    const isAbove = below < Math.min(panel.scrollHeight, 240) && anchor.top > below;
    const room = isAbove ? anchor.top - GAP - EDGE : below;
    const height = Math.min(panel.scrollHeight, room);
    setAt({ left, top: isAbove ? anchor.top - GAP - height : anchor.bottom + GAP, height: room });
  };
  const isMenu = (): boolean => props.role === "menu";
  const items = (): HTMLElement[] => [
    ...(panel?.querySelectorAll<HTMLElement>('[role^="menuitem"]:not([disabled])') ?? []),
  ];
  const onKeyDown = (event: KeyboardEvent): void => {
    if (event.key === "Escape") {
      event.stopPropagation();
      event.preventDefault();
      props.close();
    }
    if (!isMenu()) return;
    if (event.key === "Tab") props.leave();
    const all = items();
    const now = all.indexOf(document.activeElement as HTMLElement);
    const next = { ArrowDown: now + 1, ArrowUp: now - 1, Home: 0, End: -1 }[event.key];
    if (next === undefined || all.length === 0) return;
    event.preventDefault();
    all.at(next % all.length)?.focus();
  };
  const onPointerDown = (event: PointerEvent): void => {
    const target = event.target as Element;
    if (panel?.contains(target) || props.anchor?.contains(target)) return;
    // A dialog that the panel opened is no click elsewhere.
    if (!target.closest("dialog")) props.leave();
  };
  document.addEventListener("pointerdown", onPointerDown);
  addEventListener("resize", place);
  addEventListener("scroll", place, true);
  onCleanup(() => {
    document.removeEventListener("pointerdown", onPointerDown);
    removeEventListener("resize", place);
    removeEventListener("scroll", place, true);
  });
  createEffect(() => {
    place();
    const first = isMenu() ? items()[0] : panel?.querySelector<HTMLElement>("input, button, a");
    first?.focus({ preventScroll: true });
  });
  return (
    <div
      ref={(element) => {
        panel = element;
      }}
      id={props.id}
      class={`${styles.panel} ${props.panelClass ?? ""}`}
      role={props.role ?? "dialog"}
      aria-label={props.label}
      style={{
        left: `${at().left}px`,
        top: `${at().top}px`,
        "max-height": at().height > 0 ? `${at().height}px` : undefined,
      }}
      onKeyDown={onKeyDown}
    >
      {props.children(props.close)}
    </div>
  );
}

export interface PopoverItemProps extends JSX.ButtonHTMLAttributes<HTMLButtonElement> {
  icon?: JSX.Element;
}

/** One thing to do in a Popover whose role is a menu. */
export function PopoverItem(props: PopoverItemProps): JSX.Element {
  return (
    <button
      type="button"
      role="menuitem"
      class={styles.item}
      disabled={props.disabled}
      onClick={props.onClick}
    >
      {props.icon}
      <span>{props.children}</span>
    </button>
  );
}
