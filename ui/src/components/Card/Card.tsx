import { type JSX, Show } from "solid-js";
import styles from "./Card.module.css";

export interface CardProps {
  title?: JSX.Element;
  actions?: JSX.Element;
  /** Without padding, for tables and charts that reach the edge. */
  flush?: boolean;
  class?: string;
  children?: JSX.Element;
}

/** A surface with an optional title and its actions. */
export function Card(props: CardProps): JSX.Element {
  return (
    <section class={`${styles.card} ${props.class ?? ""}`}>
      <Show when={props.title || props.actions}>
        <header class={styles.header}>
          <h2 class={styles.title}>{props.title}</h2>
          <div class={styles.actions}>{props.actions}</div>
        </header>
      </Show>
      <div class={props.flush ? styles.flush : styles.body}>{props.children}</div>
    </section>
  );
}
