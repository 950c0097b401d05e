/**
 * Keyboard shortcuts of the page. A shortcut is one key ("?"), a chord ("mod+k", where mod is Cmd
 * on a Mac and Ctrl elsewhere) or keys after each other ("g d"). What is registered is what the
 * sheet behind `?` shows.
 */
import { createSignal, onCleanup } from "solid-js";

export interface Hotkey {
  keys: string;
  /** What it does, for the sheet. */
  description: string;
  run: (event: KeyboardEvent) => void;
}

const SEQUENCE_MS = 1_200;

// Beside the signal, which only tells of changes: when a transition of the router ends, a signal
// takes the value that it had within, and what left the page during it would be back.
let registered: readonly Hotkey[] = [];
const [changed, tell] = createSignal(undefined, { equals: false });
let typed: string[] = [];
let typedAt = 0;

/** The shortcuts that work now, in the order they came. */
export function activeHotkeys(): readonly Hotkey[] {
  changed();
  return registered;
}

export const isMac = /Mac|iPhone|iPad/.test(navigator.platform);

/** Register shortcuts for as long as the calling component lives. */
export function useHotkeys(wanted: readonly Hotkey[]): void {
  registered = [...registered, ...wanted];
  tell();
  onCleanup(() => {
    registered = registered.filter((one) => !wanted.includes(one));
    tell();
  });
}

/** Handle a key press; the shell listens for the whole page. */
export function onHotkey(event: KeyboardEvent): void {
  if (event.defaultPrevented || event.isComposing) return;
  const stroke = strokeOf(event);
  const isChord = stroke.startsWith("mod+");
  // Letters belong to whoever is writing, and to the dialog that is open.
  if (!isChord && (isWriting(event.target) || document.querySelector("dialog[open]"))) return;
  // Enter presses the button or follows the link that has the focus.
  if ((stroke === "Enter" || stroke === " ") && isControl(event.target)) return;
  typed = event.timeStamp - typedAt > SEQUENCE_MS ? [stroke] : [...typed.slice(-2), stroke];
  typedAt = event.timeStamp;
  const text = ` ${typed.join(" ")}`;
  const match = registered
    .filter((one) => text.endsWith(` ${one.keys}`))
    .toSorted((a, b) => b.keys.length - a.keys.length)[0];
  if (!match) return;
  event.preventDefault();
  typed = [];
  match.run(event);
}

function strokeOf(event: KeyboardEvent): string {
  const key = event.key.length === 1 ? event.key.toLowerCase() : event.key;
  const mod = isMac ? event.metaKey : event.ctrlKey;
  if (mod) return `mod+${key}`;
  return event.altKey || event.ctrlKey || event.metaKey ? "" : key;
}

function isWriting(target: EventTarget | null): boolean {
  if (!(target instanceof HTMLElement)) return false;
  return target.isContentEditable || ["INPUT", "TEXTAREA", "SELECT"].includes(target.tagName);
}

function isControl(target: EventTarget | null): boolean {
  return (
    target instanceof Element &&
    target.closest("button, a[href], summary, [role=separator]") !== null
  );
}
