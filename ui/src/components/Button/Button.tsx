import { A, type AnchorProps } from "@solidjs/router";
import { type JSX, Show, splitProps } from "solid-js";
import styles from "./Button.module.css";

interface Look {
  variant?: "primary" | "secondary" | "danger" | "ghost";
  size?: "small" | "normal" | "large";
  icon?: JSX.Element;
}

export interface ButtonProps extends Look, JSX.ButtonHTMLAttributes<HTMLButtonElement> {
  /** Work is under way: shows a spinner and takes no second press. */
  busy?: boolean;
}

/** A button. One that shows only an icon needs an `aria-label`. */
export function Button(props: ButtonProps): JSX.Element {
  const [own, rest] = splitProps(props, [
    "variant",
    "size",
    "icon",
    "busy",
    "children",
    "disabled",
    "class",
  ]);
  return (
    <button
      type="button"
      {...rest}
      class={`${lookOf(own)} ${own.class ?? ""}`}
      disabled={own.disabled || own.busy}
      aria-busy={own.busy}
    >
      <Show when={own.busy} fallback={own.icon}>
        <span class={styles.spinner} aria-hidden="true" />
      </Show>
      {own.children}
    </button>
  );
}

export interface ButtonLinkProps extends Look, Omit<AnchorProps, "class"> {}

/** A link within the page that looks like a button. */
export function ButtonLink(props: ButtonLinkProps): JSX.Element {
  const [own, rest] = splitProps(props, ["variant", "size", "icon", "children"]);
  return (
    <A {...rest} class={lookOf(own)}>
      {own.icon}
      {own.children}
    </A>
  );
}

function lookOf(look: Look): string {
  return `${styles.button} ${styles[look.variant ?? "secondary"]} ${styles[look.size ?? "normal"]}`;
}
