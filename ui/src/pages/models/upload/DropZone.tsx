import FileUp from "lucide-solid/icons/file-up";
import { createSignal, For, type JSX, Show } from "solid-js";
import { bytesText } from "~/components/Bytes/Bytes";
import type { FileFacts } from "./header";
import styles from "./page.module.css";

/** Where a file is dropped or chosen, and what it is. */
export function DropZone(props: {
  file: File | null;
  facts: FileFacts | null;
  isOff: boolean;
  onChoose: (file: File | undefined) => void;
}): JSX.Element {
  const [isOver, setIsOver] = createSignal(false);
  return (
    <>
      <label
        class={`${styles.drop} ${isOver() ? styles.over : ""}`}
        onDragOver={(event) => {
          event.preventDefault();
          setIsOver(true);
        }}
        onDragLeave={() => setIsOver(false)}
        onDrop={(event) => {
          event.preventDefault();
          setIsOver(false);
          if (!props.isOff) props.onChoose(event.dataTransfer?.files[0]);
        }}
      >
        <FileUp size={28} aria-hidden="true" />
        <Show when={props.file} fallback={<span>Drop a model file here, or choose one</span>}>
          {(file) => (
            <span>
              <strong>{file().name}</strong>, {bytesText(file().size)}
            </span>
          )}
        </Show>
        <input
          type="file"
          class="visually-hidden"
          aria-label="Model file"
          disabled={props.isOff}
          onChange={(event) => props.onChoose(event.currentTarget.files?.[0])}
        />
      </label>
      <Show when={props.facts}>{(facts) => <Facts facts={facts()} />}</Show>
    </>
  );
}

function Facts(props: { facts: FileFacts }): JSX.Element {
  return (
    <section class={styles.facts} aria-label="The file" aria-live="polite">
      <Show when={props.facts.refusal}>
        {(refusal) => (
          <p class={styles.refusal} role="alert">
            {refusal()}
          </p>
        )}
      </Show>
      <Show when={props.facts.notice}>{(notice) => <p class={styles.notice}>{notice()}</p>}</Show>
      <Show when={!props.facts.refusal}>
        <dl class={styles.rows}>
          <dt>Format</dt>
          <dd>{props.facts.format}</dd>
          <For each={props.facts.rows.slice(0, 24)}>
            {(row) => (
              <>
                <dt>{row.label}</dt>
                <dd class="figures">{row.value}</dd>
              </>
            )}
          </For>
        </dl>
      </Show>
    </section>
  );
}
