import X from "lucide-solid/icons/x";
import { createEffect, createUniqueId, type JSX, Show } from "solid-js";
import styles from "./Modal.module.css";

export interface ModalProps {
  open: boolean;
  onClose: () => void;
  title: string;
  /** Buttons at the foot. */
  actions?: JSX.Element;
  wide?: boolean;
  children?: JSX.Element;
}

/** A dialog over the page: the browser keeps the focus inside and closes it on Escape. */
export function Modal(props: ModalProps): JSX.Element {
  let dialog: HTMLDialogElement | undefined;
  const titleId = createUniqueId();
  createEffect(() => {
    if (props.open && !dialog?.open) dialog?.showModal();
    if (!props.open && dialog?.open) dialog.close();
  });
  return (
    <dialog
      ref={(element) => {
        dialog = element;
      }}
      class={`${styles.modal} ${props.wide ? styles.wide : ""}`}
      aria-labelledby={titleId}
      onClose={() => {
        if (props.open) props.onClose();
      }}
      onClick={(event) => {
        if (event.target === dialog) props.onClose();
      }}
    >
      <Show when={props.open}>
        <div class={styles.inside}>
          <header class={styles.header}>
            <h2 id={titleId}>{props.title}</h2>
            <button type="button" class={styles.close} aria-label="Close" onClick={props.onClose}>
              <X size={18} />
            </button>
          </header>
          <div class={styles.body}>{props.children}</div>
          <Show when={props.actions}>
            <footer class={styles.actions}>{props.actions}</footer>
          </Show>
        </div>
      </Show>
    </dialog>
  );
}
