import { type JSX, Show } from "solid-js";
import { CodeBlock } from "../CopyField/CopyField";
import styles from "./EmptyState.module.css";

export interface EmptyStateProps {
  title: string;
  icon?: JSX.Element;
  /** The exact command or code that fills this place. */
  command?: string;
  language?: "shell" | "python";
  actions?: JSX.Element;
  children?: JSX.Element;
}

/** Says what would be here, and how to fill it. */
export function EmptyState(props: EmptyStateProps): JSX.Element {
  return (
    <div class={styles.empty}>
      <Show when={props.icon}>
        <div class={styles.icon} aria-hidden="true">
          {props.icon}
        </div>
      </Show>
      {/* No heading: where this stands, the level of the one above it is not known. */}
      <p class={styles.title}>{props.title}</p>
      <Show when={props.children}>
        <div class={styles.text}>{props.children}</div>
      </Show>
      <Show when={props.command}>
        {(command) => (
          <div class={styles.command}>
            <CodeBlock text={command()} language={props.language ?? "shell"} />
          </div>
        )}
      </Show>
      <Show when={props.actions}>
        <div class={styles.actions}>{props.actions}</div>
      </Show>
    </div>
  );
}
