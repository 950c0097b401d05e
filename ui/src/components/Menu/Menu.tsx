import { createSignal, createUniqueId, type JSX, onCleanup, Show } from "solid-js";
import styles from "./Menu.module.css";

export interface MenuProps {
  /** What the button says to screen readers. */
  label: string;
  /** What the button shows. */
  trigger: JSX.Element;
  /** Items: MenuItem, or anything with role="menuitem". */
  children: JSX.Element;
}

/** A button that opens a menu; arrows move, Escape and a click elsewhere close it. */
export function Menu(props: MenuProps): JSX.Element {
  const [open, setOpen] = createSignal(false);
  const id = createUniqueId();
  let root: HTMLDivElement | undefined;
  let trigger: HTMLButtonElement | undefined;

  const items = (): HTMLElement[] => [
    ...(root?.querySelectorAll<HTMLElement>('[role^="menuitem"]') ?? []),
  ];
  const close = (): void => {
    setOpen(false);
    trigger?.focus();
  };
  const show = (): void => {
    setOpen(true);
    queueMicrotask(() => items()[0]?.focus());
  };
  const onKeyDown = (event: KeyboardEvent): void => {
    if (!open()) {
      if (event.key === "ArrowDown") {
        event.preventDefault();
        show();
      }
      return;
    }
    const all = items();
    const at = all.indexOf(document.activeElement as HTMLElement);
    const next = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: -1 }[event.key];
    if (event.key === "Escape") close();
    if (event.key === "Tab") setOpen(false);
    if (next === undefined) return;
    event.preventDefault();
    all.at(next % all.length)?.focus();
  };
  const onPointerDown = (event: PointerEvent): void => {
    if (open() && !root?.contains(event.target as Node)) setOpen(false);
  };
  document.addEventListener("pointerdown", onPointerDown);
  onCleanup(() => document.removeEventListener("pointerdown", onPointerDown));

  return (
    <div
      ref={(element) => {
        root = element;
      }}
      class={styles.root}
      onKeyDown={onKeyDown}
    >
      <button
        ref={(element) => {
          trigger = element;
        }}
        type="button"
        class={styles.trigger}
        aria-label={props.label}
        aria-haspopup="menu"
        aria-expanded={open()}
        aria-controls={open() ? id : undefined}
        onClick={() => (open() ? close() : show())}
      >
        {props.trigger}
      </button>
      <Show when={open()}>
        <div id={id} class={styles.menu} role="menu" aria-label={props.label} onClick={close}>
          {props.children}
        </div>
      </Show>
    </div>
  );
}

/** One thing to do in a Menu. */
export function MenuItem(props: {
  icon?: JSX.Element;
  onSelect: () => void;
  children: JSX.Element;
}): JSX.Element {
  return (
    <button
      type="button"
      role="menuitem"
      tabindex="-1"
      class={styles.item}
      onClick={props.onSelect}
    >
      {props.icon}
      {props.children}
    </button>
  );
}
