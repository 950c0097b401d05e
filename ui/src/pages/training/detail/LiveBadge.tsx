import { type JSX, Match, Switch } from "solid-js";
import { liveLagMs, liveState } from "~/api/live";
import styles from "./page.module.css";

/** Whether the page follows the run, and how far it is behind the script. */
export function LiveBadge(): JSX.Element {
  const lag = (): string => {
    const ms = liveLagMs();
    if (ms === null) return "waiting for the next point";
    return ms < 1000
      ? `${Math.round(ms / 10) * 10} ms behind`
      : `${(ms / 1000).toFixed(1)} s behind`;
  };
  return (
    <span
      class={styles.live}
      data-state={liveState()}
      title="From log() in the script to this page"
    >
      <span class={styles.liveDot} aria-hidden="true" />
      <Switch fallback="Not live">
        <Match when={liveState() === "open"}>
          Live <span class={styles.lag}>{lag()}</span>
        </Match>
        <Match when={liveState() === "connecting" || liveState() === "waiting"}>
          Reconnecting…
        </Match>
      </Switch>
    </span>
  );
}
