import Check from "lucide-solid/icons/check";
import Copy from "lucide-solid/icons/copy";
import { createSignal, type JSX, onCleanup, Show } from "solid-js";
import styles from "./CopyField.module.css";

const SHOWN_MS = 1_800;

/** One line to copy: an id, a token, a SHA-256. */
export function CopyField(props: { text: string; label?: string }): JSX.Element {
  return (
    <span class={styles.field}>
      <code class={styles.line} title={props.text}>
        {props.text}
      </code>
      <CopyButton text={props.text} label={props.label} />
    </span>
  );
}

/** Lines to copy: a command or a snippet. */
export function CodeBlock(props: {
  text: string;
  language?: "shell" | "python" | "json" | "text";
  label?: string;
}): JSX.Element {
  return (
    <div class={styles.block} data-language={props.language ?? "text"}>
      {/* It scrolls sideways, so the keyboard must reach it. */}
      <pre class={styles.code} tabindex="0" role="group" aria-label={props.label ?? "Code"}>
        <code>{props.text}</code>
      </pre>
      <CopyButton text={props.text} label={props.label} onDark />
    </div>
  );
}

/** A button that puts `text` on the clipboard and says so. */
export function CopyButton(props: {
  text: string;
  label?: string | undefined;
  onDark?: boolean;
}): JSX.Element {
  const [copied, setCopied] = createSignal(false);
  let timer: ReturnType<typeof setTimeout> | undefined;
  onCleanup(() => clearTimeout(timer));
  const copy = async (): Promise<void> => {
    await copyText(props.text);
    setCopied(true);
    clearTimeout(timer);
    timer = setTimeout(() => setCopied(false), SHOWN_MS);
  };
  return (
    <button
      type="button"
      class={`${styles.copy} ${props.onDark ? styles.onDark : ""}`}
      onClick={() => void copy()}
      aria-label={copied() ? "Copied" : `Copy ${props.label ?? "to the clipboard"}`}
      title={copied() ? "Copied" : "Copy"}
    >
      <Show when={copied()} fallback={<Copy size={15} />}>
        <Check size={15} />
      </Show>
      <span class="visually-hidden" role="status">
        {copied() ? "Copied" : ""}
      </span>
    </button>
  );
}

/** The clipboard API exists on localhost and HTTPS only; a plain HTTP page selects and copies. */
export async function copyText(text: string): Promise<void> {
  if (navigator.clipboard) {
    await navigator.clipboard.writeText(text);
    return;
  }
  const area = document.createElement("textarea");
  area.value = text;
  document.body.append(area);
  area.select();
  document.execCommand("copy");
  area.remove();
}
