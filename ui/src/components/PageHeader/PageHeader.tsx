import { createEffect, type JSX, Show } from "solid-js";
import styles from "./PageHeader.module.css";

export interface PageHeaderProps {
  /** Also the title of the browser's tab. */
  title: string;
  subtitle?: JSX.Element;
  actions?: JSX.Element;
  /** Where this page hangs: a link or two above the title. */
  above?: JSX.Element;
}

/** The head of a page: its one h1. */
export function PageHeader(props: PageHeaderProps): JSX.Element {
  createEffect(() => {
    document.title = `${props.title} · AxonML`;
  });
  return (
    <header class={styles.header}>
      <div class={styles.words}>
        <Show when={props.above}>
          <div class={styles.above}>{props.above}</div>
        </Show>
        <h1 class={styles.title}>{props.title}</h1>
        <Show when={props.subtitle}>
          <div class={styles.subtitle}>{props.subtitle}</div>
        </Show>
      </div>
      <Show when={props.actions}>
        <div class={styles.actions}>{props.actions}</div>
      </Show>
    </header>
  );
}
