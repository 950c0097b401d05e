import Plus from "lucide-solid/icons/plus";
import { createSignal, For, type JSX, Show } from "solid-js";
import { attempt } from "../parts/act";
import { Chip } from "../parts/Chips";
import parts from "../parts/parts.module.css";
import { tagsOf } from "../parts/tags";
import styles from "./page.module.css";

/** Tags as chips: Enter adds what is typed, the cross takes one away. */
export function Tags(props: {
  tags: readonly string[];
  isMine: boolean;
  onChange: (tags: string[]) => Promise<unknown>;
}): JSX.Element {
  const [draft, setDraft] = createSignal<string | null>(null);
  const add = async (): Promise<void> => {
    const wanted = tagsOf(draft() ?? "").filter((tag) => !props.tags.includes(tag));
    if (wanted.length === 0 || (await attempt(props.onChange([...props.tags, ...wanted])))) {
      setDraft(null);
    }
  };
  const removal = (tag: string): { removal?: { label: string; run: () => void } } =>
    props.isMine
      ? {
          removal: {
            label: `Remove tag ${tag}`,
            run: () => void attempt(props.onChange(props.tags.filter((one) => one !== tag))),
          },
        }
      : {};
  return (
    <div class={parts.chips}>
      <For each={props.tags}>{(tag) => <Chip {...removal(tag)}>{tag}</Chip>}</For>
      <Show when={props.isMine} fallback={<Show when={props.tags.length === 0}>–</Show>}>
        <Show
          when={draft() !== null}
          fallback={
            <button type="button" class={parts.add} onClick={() => setDraft("")}>
              <Plus size={13} /> Tag
            </button>
          }
        >
          <input
            ref={(element) => queueMicrotask(() => element.focus())}
            class={styles.tagInput}
            aria-label="New tag"
            placeholder="Tag, then Enter"
            maxlength="64"
            value={draft() ?? ""}
            onInput={(event) => setDraft(event.currentTarget.value)}
            onBlur={() => void add()}
            onKeyDown={(event) => {
              if (event.key === "Enter") void add();
              if (event.key === "Escape") setDraft(null);
            }}
          />
        </Show>
      </Show>
    </div>
  );
}
