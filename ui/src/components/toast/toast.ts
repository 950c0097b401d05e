/** Short notices at the edge of the page, and deletes that can be taken back. */
import { createSignal } from "solid-js";

export type ToastKind = "info" | "success" | "error";

export interface ToastOptions {
  kind?: ToastKind;
  action?: { label: string; run: () => void };
  /** How long it stays; errors stay longer since they carry a sentence to read. */
  duration_ms?: number;
}

export interface Toast {
  id: number;
  message: string;
  kind: ToastKind;
  action: ToastOptions["action"];
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
  const kind = options.kind ?? "info";
  lastId += 1;
  const id = lastId;
  setToasts((shown) => [...shown, { id, message, kind, action: options.action }].slice(-AT_MOST));
  timers.set(
    id,
    setTimeout(() => dismissToast(id), options.duration_ms ?? STAYS_MS[kind]),
  );
  return id;
}

export function dismissToast(id: number): void {
  clearTimeout(timers.get(id));
  timers.delete(id);
  setToasts((shown) => shown.filter((one) => one.id !== id));
}

/** Hold or release the clock of a toast, while the pointer or the focus is on it. */
export function holdToast(id: number, isHeld: boolean): void {
  clearTimeout(timers.get(id));
  if (!isHeld)
    timers.set(
      id,
      setTimeout(() => dismissToast(id), UNDO_MS),
    );
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
  let isSettled = false;
  wanted.hide();
  const commit = (): void => {
    if (isSettled) return;
    isSettled = true;
    window.removeEventListener("pagehide", commit);
    wanted.commit().catch((error: unknown) => {
      wanted.restore();
      toast(error instanceof Error ? error.message : String(error), { kind: "error" });
    });
  };
  const id = toast(wanted.message, {
    duration_ms: UNDO_MS + 1_000,
    action: {
      label: "Undo",
      run: () => {
        isSettled = true;
        clearTimeout(timer);
        window.removeEventListener("pagehide", commit);
        wanted.restore();
      },
    },
  });
  const timer = setTimeout(() => {
    dismissToast(id);
    commit();
  }, UNDO_MS);
  window.addEventListener("pagehide", commit);
}
