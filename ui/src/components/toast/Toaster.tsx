import X from "lucide-solid/icons/x";
import { For, type JSX, Show } from "solid-js";
import styles from "./Toaster.module.css";
import { dismissToast, holdToast, shownToasts, takeAction } from "./toast";

/** The place where toasts show; there is one, in the page's root. */
export function Toaster(): JSX.Element {
  return (
    <section class={styles.toaster} aria-label="Notices">
      <For each={shownToasts()}>
        {(toast) => (
          <div
            class={`${styles.toast} ${styles[toast.kind]}`}
            role={toast.kind === "error" ? "alert" : "status"}
            onPointerEnter={() => holdToast(toast.id, true)}
            onPointerLeave={() => holdToast(toast.id, false)}
            onFocusIn={() => holdToast(toast.id, true)}
            onFocusOut={() => holdToast(toast.id, false)}
          >
            <span class={styles.message}>{toast.message}</span>
            <Show when={toast.action}>
              {(action) => (
                <button type="button" class={styles.action} onClick={() => takeAction(toast.id)}>
                  {action().label}
                </button>
              )}
            </Show>
            <button
              type="button"
              class={styles.close}
              aria-label="Dismiss"
              onClick={() => dismissToast(toast.id)}
            >
              <X size={15} />
            </button>
          </div>
        )}
      </For>
    </section>
  );
}
