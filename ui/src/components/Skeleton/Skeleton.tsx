import type { JSX } from "solid-js";
import styles from "./Skeleton.module.css";

/** Holds the place of something that loads, at its final size (any CSS length). */
export function Skeleton(props: { height: string; width?: string }): JSX.Element {
  return (
    <div
      class={styles.skeleton}
      style={{ height: props.height, width: props.width ?? "100%" }}
      aria-hidden="true"
    />
  );
}
