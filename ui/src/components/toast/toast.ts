/** Short notices at the edge of the page, and deletes that can be taken back. */
import { createSignal } from "solid-js";
import { messageOf } from "../ErrorNotice/message";

export type ToastKind = "info" | "success" | "error";

export interface ToastOptions {
  kind?: ToastKind;
  action?: { label: string; run: () => void };
  /** How long it stays; errors stay longer since they carry a sentence to read. */
  duration_ms?: number;
  /** Called when it goes without its action having been taken. */
  onGone?: () => void;
}

export interface Toast {
  id: number;
  message: string;
  kind: ToastKind;
  action: ToastOptions["action"];
  onGone: ToastOptions["onGone"];
}

const STAYS_MS: Record<ToastKind, number> = { info: 5_000, success: 4_000, error: 9_000 };
const UNDO_MS = 6_000;
const AT_MOST = 4;

const [toasts, setToasts] = createSignal<readonly Toast[]>([]);
const timers = new Map<number, ReturnType<typeof setTimeout>>();
let lastId = 0;

/** The toasts that show now, oldest first. */
export const shownToasts = toasts;

/** Show a toast; returns its id for `dismissToast`. */
export function toast(message: string, options: ToastOptions = {}): number {
  const { kind = "info", action, onGone } = options;
  lastId += 1;
  const id = lastId;
  const oldest = toasts()[0];
  if (oldest && toasts().length >= AT_MOST) dismissToast(oldest.id);
  setToasts((shown) => [...shown, { id, message, kind, action, onGone }]);
  startClock(id, options.duration_ms ?? STAYS_MS[kind]);
  return id;
}

/** Take a toast away. */
export function dismissToast(id: number): void {
  remove(id)?.onGone?.();
}

/** Do what the toast offers, and take it away. */
export function takeAction(id: number): void {
  remove(id)?.action?.run();
}

/** Stop the clock of a toast while the pointer or the focus is on it; it starts anew after. */
export function holdToast(id: number, isHeld: boolean): void {
  clearTimeout(timers.get(id));
  if (!isHeld && toasts().some((one) => one.id === id)) startClock(id, UNDO_MS);
}

function startClock(id: number, duration_ms: number): void {
  timers.set(
    id,
    setTimeout(() => dismissToast(id), duration_ms),
  );
}

function remove(id: number): Toast | undefined {
  clearTimeout(timers.get(id));
  timers.delete(id);
  const gone = toasts().find((one) => one.id === id);
  setToasts((shown) => shown.filter((one) => one.id !== id));
  return gone;
}

export interface UndoableDelete {
  /** "Run brave-owl is deleted" */
  message: string;
  /** Take it out of the page at once. */
  hide: () => void;
  /** Put it back: after Undo, or when the server refused. */
  restore: () => void;
  /** Really delete; runs when the undo time ends or the page leaves. */
  commit: () => Promise<unknown>;
}

/** Delete with an Undo: the request goes out only when the time to take it back is over. */
export function deleteWithUndo(wanted: UndoableDelete): void {
  wanted.hide();
  const leave = (): void => dismissToast(id);
  const id = toast(wanted.message, {
    duration_ms: UNDO_MS,
    action: {
      label: "Undo",
      run: () => {
        window.removeEventListener("pagehide", leave);
        wanted.restore();
      },
    },
    onGone: () => {
      window.removeEventListener("pagehide", leave);
      wanted.commit().catch((error: unknown) => {
        wanted.restore();
        toast(messageOf(error), { kind: "error" });
      });
    },
  });
  window.addEventListener("pagehide", leave);
}
