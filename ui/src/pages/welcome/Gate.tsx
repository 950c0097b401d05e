import { A } from "@solidjs/router";
import { createEffect, type ParentProps, type JSX } from "solid-js";
import { ThemeMenu } from "~/shell/ThemeMenu";
import styles from "./Gate.module.css";

/** The frame of the pages before the sign-in: a card in the middle. */
export function Gate(props: ParentProps<{ title: string }>): JSX.Element {
  createEffect(() => {
    document.title = `${props.title} · AxonML`;
  });
  return (
    <div class={styles.page}>
      <header class={styles.top}>
        <A href="/" class={styles.brand}>
          <img src="/logo.svg" alt="" width="28" height="28" />
          AxonML
        </A>
        <ThemeMenu />
      </header>
      <main class={styles.main}>
        <div class={styles.card}>{props.children}</div>
      </main>
    </div>
  );
}
