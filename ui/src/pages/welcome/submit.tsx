import { createSignal, type JSX, onCleanup, Show } from "solid-js";
import { Problem } from "~/api/problem";
import { messageOf } from "~/components/ErrorNotice/ErrorNotice";
import { t } from "~/i18n/i18n";
import styles from "./login/page.module.css";

const SECOND_MS = 1_000;

export interface Submit {
  submit: () => void;
  onSubmit: (event: SubmitEvent) => void;
  isBusy: () => boolean;
  error: () => unknown;
  /** Seconds until the server takes another attempt; 0 when it does now. */
  waitS: () => number;
  fieldMessage: (name: string) => string | undefined;
}

/** Run `work` at each submit; after a refusal for too many attempts, count the wait down. */
export function useSubmit(work: () => Promise<void>): Submit {
  const [isBusy, setIsBusy] = createSignal(false);
  const [error, setError] = createSignal<unknown>();
  const [waitS, setWaitS] = createSignal(0);
  let timer: ReturnType<typeof setInterval> | undefined;
  onCleanup(() => clearInterval(timer));

  function countDown(seconds: number): void {
    setWaitS(seconds);
    clearInterval(timer);
    timer = setInterval(() => {
      if (setWaitS((left) => Math.max(0, left - 1)) > 0) return;
      clearInterval(timer);
      setError(undefined);
    }, SECOND_MS);
  }

  async function submit(): Promise<void> {
    setIsBusy(true);
    setError(undefined);
    try {
      await work();
    } catch (caught) {
      setError(() => caught);
      if (caught instanceof Problem && caught.retryAfterS) countDown(caught.retryAfterS);
    } finally {
      setIsBusy(false);
    }
  }

  const start = (): void => {
    if (!isBusy() && waitS() === 0) void submit();
  };
  return {
    submit: start,
    onSubmit: (event) => {
      event.preventDefault();
      start();
    },
    isBusy,
    error,
    waitS,
    fieldMessage: (name) => {
      const caught = error();
      return caught instanceof Problem ? caught.fieldMessage(name) : undefined;
    },
  };
}

/** The server's sentence about a failed attempt. */
export function SubmitProblem(props: { form: Submit }): JSX.Element {
  return (
    <Show when={props.form.error()}>
      {(error) => (
        <p class={styles.notice} role="alert">
          {messageOf(error())}
          <Show when={props.form.waitS() > 0}> {t("login.tooMany")}</Show>
        </p>
      )}
    </Show>
  );
}
