import ShieldAlert from "lucide-solid/icons/shield-alert";
import Unplug from "lucide-solid/icons/unplug";
import { For, type JSX, Show } from "solid-js";
import type { ModelVersion } from "~/api/types";
import styles from "./version.module.css";

/** What is to be known before a file is used: that it could run code, or why it is not served. */
export function Warnings(props: { version: ModelVersion }): JSX.Element {
  return (
    <>
      <Show when={props.version.scan?.can_run_code}>
        <div class={styles.warning} role="note" aria-label="What the scan found">
          <ShieldAlert size={18} aria-hidden="true" />
          <div>
            <p>
              <strong>Loading this file can run code.</strong> It was read here without being
              loaded, and the server never loads it. Load it yourself only if you trust whoever made
              it.
            </p>
            <Show when={props.version.scan?.findings.length}>
              <ul>
                <For each={props.version.scan?.findings}>{(finding) => <li>{finding}</li>}</For>
              </ul>
            </Show>
          </div>
        </div>
      </Show>
      <Show when={!props.version.servable && props.version.reason}>
        <div class={styles.note} role="note" aria-label="Why it is not servable">
          <Unplug size={18} aria-hidden="true" />
          <p>
            <strong>Not servable:</strong> {props.version.reason.replace(/^not servable: /, "")}
          </p>
        </div>
      </Show>
    </>
  );
}
