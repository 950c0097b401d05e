import { type JSX, Show } from "solid-js";
import { isReachable } from "~/api/reachable";
import styles from "./ReconnectBanner.module.css";

/** Says that the server is away while it is; what shows may be old until it is back. */
export function ReconnectBanner(): JSX.Element {
  return (
    <div role="status">
      <Show when={!isReachable()}>
        <p class={styles.banner}>
          The server does not answer. What you see may be old; this page keeps trying.
        </p>
      </Show>
    </div>
  );
}
