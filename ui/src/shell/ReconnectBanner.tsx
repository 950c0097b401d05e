import { type JSX, Show } from "solid-js";
import { isReachable } from "~/api/reachable";
import { t } from "~/i18n/i18n";
import styles from "./ReconnectBanner.module.css";

/** Says that the server is away while it is; what shows may be old until it is back. */
export function ReconnectBanner(): JSX.Element {
  return (
    <div role="status">
      <Show when={!isReachable()}>
        <p class={styles.banner}>{t("shell.away")}</p>
      </Show>
    </div>
  );
}
