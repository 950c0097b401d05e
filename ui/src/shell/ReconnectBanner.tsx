import { createEffect, type JSX, onCleanup, Show } from "solid-js";
import { fetchApi } from "~/api/client";
import { queryClient } from "~/api/query-client";
import { isReachable } from "~/api/reachable";
import { t } from "~/i18n/i18n";
import styles from "./ReconnectBanner.module.css";

const ASK_AGAIN_MS = 3_000;

/** Says that the server is away while it is, asks for it, and freshens the page when it is back. */
export function ReconnectBanner(): JSX.Element {
  createEffect((wasReachable: boolean) => {
    const reachable = isReachable();
    if (reachable) {
      if (!wasReachable) void queryClient.invalidateQueries();
      return reachable;
    }
    const timer = setInterval(() => {
      // Any answer at all is reported as the server's return; none is another try.
      fetchApi("/health/live").catch(() => undefined);
    }, ASK_AGAIN_MS);
    onCleanup(() => clearInterval(timer));
    return reachable;
  }, true);
  return (
    <div role="status">
      <Show when={!isReachable()}>
        <p class={styles.banner}>{t("shell.away")}</p>
      </Show>
    </div>
  );
}
