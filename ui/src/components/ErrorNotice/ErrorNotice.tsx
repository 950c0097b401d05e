import CircleAlert from "lucide-solid/icons/circle-alert";
import { type JSX, Show } from "solid-js";
import { Button } from "../Button/Button";
import { messageOf } from "./message";
import styles from "./ErrorNotice.module.css";

export { messageOf };

/** What went wrong in the server's own words, and a way to try again. */
export function ErrorNotice(props: { error: unknown; onRetry?: () => void }): JSX.Element {
  return (
    <div class={styles.notice} role="alert">
      <CircleAlert size={18} aria-hidden="true" />
      <div class={styles.words}>
        <p>{messageOf(props.error)}</p>
        <Show when={requestIdOf(props.error)}>
          {(id) => (
            <p class={styles.id}>
              Request <code>{id()}</code>
            </p>
          )}
        </Show>
      </div>
      <Show when={props.onRetry}>
        {(retry) => (
          <Button size="small" onClick={() => retry()()}>
            Try again
          </Button>
        )}
      </Show>
    </div>
  );
}

/** The id under which the server logged a failed request, where the error carries one. */
function requestIdOf(error: unknown): string | undefined {
  if (typeof error !== "object" || error === null || !("requestId" in error)) return undefined;
  return typeof error.requestId === "string" ? error.requestId : undefined;
}
