import { For, type JSX } from "solid-js";
import { Modal } from "~/components/Modal/Modal";
import { activeHotkeys, isMac } from "~/hotkeys/hotkeys";
import styles from "./ShortcutSheet.module.css";

/** The shortcuts that work on the page that shows now. */
export default function ShortcutSheet(props: { open: boolean; onClose: () => void }): JSX.Element {
  return (
    <Modal open={props.open} onClose={props.onClose} title="Keyboard shortcuts">
      <dl class={styles.sheet}>
        <For each={activeHotkeys()}>
          {(hotkey) => (
            <div class={styles.row}>
              <dt>{hotkey.description}</dt>
              <dd class={styles.keys}>
                <For each={hotkey.keys.split(" ")}>{(stroke) => <kbd>{shown(stroke)}</kbd>}</For>
              </dd>
            </div>
          )}
        </For>
      </dl>
    </Modal>
  );
}

function shown(stroke: string): string {
  return stroke.replace("mod+", isMac ? "⌘ " : "Ctrl ");
}
