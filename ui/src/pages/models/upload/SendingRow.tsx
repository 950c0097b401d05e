import { type JSX, Show } from "solid-js";
import { Button } from "~/components/Button/Button";
import { bytesText } from "~/components/Bytes/Bytes";
import { ProgressBar } from "~/components/ProgressBar/ProgressBar";
import { durationText } from "~/components/Time/Time";
import styles from "./page.module.css";
import { type Progress, secondsLeft } from "./send";

const SAID: Record<Progress["state"], string> = {
  sending: "Sending the file",
  paused: "Paused; what was sent is kept",
  waiting: "The connection broke; trying again",
  checking: "The server looks into the file",
};

/** How far an upload is, and what may be done with it. */
export function SendingRow(props: {
  progress: Progress;
  onPause: () => void;
  onResume: () => void;
  onCancel: () => void;
}): JSX.Element {
  const state = (): Progress["state"] => props.progress.state;
  const left = (): string => {
    const seconds = secondsLeft(props.progress);
    return seconds === null ? "" : `, ${durationText(Math.ceil(seconds))} left`;
  };
  return (
    <div class={styles.sending}>
      <p class={styles.state} role="status">
        {SAID[state()]}
      </p>
      <ProgressBar
        label="Upload"
        value={state() === "checking" ? undefined : props.progress.sent_bytes}
        max={props.progress.total_bytes}
      />
      <span class="figures">
        {bytesText(props.progress.sent_bytes)} of {bytesText(props.progress.total_bytes)}
        <Show when={state() === "sending" && props.progress.rate > 0}>
          , {bytesText(props.progress.rate)}/s{left()}
        </Show>
      </span>
      <Show when={state() !== "checking"}>
        <span class={styles.buttons}>
          <Show
            when={state() === "paused"}
            fallback={<Button onClick={props.onPause}>Pause</Button>}
          >
            <Button variant="primary" onClick={props.onResume}>
              Go on
            </Button>
          </Show>
          <Button onClick={props.onCancel}>Cancel</Button>
        </span>
      </Show>
    </div>
  );
}
