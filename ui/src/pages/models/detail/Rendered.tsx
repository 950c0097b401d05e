import type { JSX } from "solid-js";
import styles from "./rendered.module.css";

/** Markdown as the server rendered it: it lets nothing through that could act. */
export function Rendered(props: { html: string }): JSX.Element {
  // oxlint-disable-next-line solid/no-innerhtml
  return <div class={styles.rendered} innerHTML={props.html} />;
}
