import Search from "lucide-solid/icons/search";
import { createEffect, createSignal, For, type JSX, on, onCleanup, Show } from "solid-js";
import type { ModelWords, Word } from "~/api/types";
import { Button } from "~/components/Button/Button";
import { useHotkeys } from "~/hotkeys/hotkeys";
import styles from "./page.module.css";
import { isNarrowed, type ModelsView } from "./view";

const TYPING_MS = 250;

export interface FiltersProps {
  view: ModelsView;
  /** The tags, aliases and formats that there are. */
  words: ModelWords | undefined;
  total: number;
  onChange: (change: Partial<ModelsView>) => void;
}

const LISTS = { tag: "tags", alias: "aliases", format: "formats" } as const;

/** What narrows the list: a search, and a choice for each property. */
export function Filters(props: FiltersProps): JSX.Element {
  const words = (part: keyof typeof LISTS): readonly Word[] => props.words?.[LISTS[part]] ?? [];
  return (
    <div class={styles.filters} role="search" aria-label="Models">
      <SearchBox text={props.view.q} onChange={(q) => props.onChange({ q })} />
      <For each={["tag", "alias", "format"] as const}>
        {(part) => (
          <Show when={words(part).length > 0 || props.view[part] !== ""}>
            <select
              class={styles.choice}
              aria-label={`Of which ${part}`}
              data-chosen={props.view[part] !== "" || undefined}
              onChange={(event) => props.onChange({ [part]: event.currentTarget.value })}
            >
              <option value="">Any {part}</option>
              <For each={optionsOf(words(part), props.view[part])}>
                {(one) => (
                  <option value={one.word} selected={one.word === props.view[part]}>
                    {one.word}
                    {one.n_models > 0 ? ` (${one.n_models})` : ""}
                  </option>
                )}
              </For>
            </select>
          </Show>
        )}
      </For>
      <select
        class={styles.choice}
        aria-label="Deployed or not"
        data-chosen={props.view.deployed !== "" || undefined}
        onChange={(event) => props.onChange({ deployed: event.currentTarget.value })}
      >
        <option value="">Deployed or not</option>
        <option value="yes" selected={props.view.deployed === "yes"}>
          Deployed
        </option>
        <option value="no" selected={props.view.deployed === "no"}>
          Not deployed
        </option>
      </select>
      <Show when={isNarrowed(props.view)}>
        <Button
          size="small"
          variant="ghost"
          onClick={() => props.onChange({ q: "", tag: "", alias: "", format: "", deployed: "" })}
        >
          Clear
        </Button>
      </Show>
      <span class={styles.total} role="status">
        {props.total === 1 ? "1 model" : `${props.total.toLocaleString("en")} models`}
      </span>
    </div>
  );
}

/** The words to choose from; the chosen one is among them even where no model has it. */
function optionsOf(words: readonly Word[], chosen: string): readonly Word[] {
  const isThere = chosen === "" || words.some((one) => one.word === chosen);
  return isThere ? words : [{ word: chosen, n_models: 0 }, ...words];
}

/** What is typed is searched a moment later. */
function SearchBox(props: { text: string; onChange: (text: string) => void }): JSX.Element {
  let input: HTMLInputElement | undefined;
  let timer: ReturnType<typeof setTimeout> | undefined;
  const [draft, setDraft] = createSignal("");
  createEffect(on(() => props.text, setDraft));
  onCleanup(() => clearTimeout(timer));
  useHotkeys([{ keys: "/", description: "Search the models", run: () => input?.focus() }]);
  const search = (text: string): void => {
    setDraft(text);
    clearTimeout(timer);
    timer = setTimeout(() => props.onChange(text.trim()), TYPING_MS);
  };
  return (
    <label class={styles.search}>
      <Search size={16} aria-hidden="true" />
      <span class="visually-hidden">Search models</span>
      <input
        ref={(element) => {
          input = element;
        }}
        type="search"
        placeholder="Search names, cards and tags"
        value={draft()}
        onInput={(event) => search(event.currentTarget.value)}
        onKeyDown={(event) => {
          if (event.key === "Escape") input?.blur();
        }}
      />
      <kbd aria-hidden="true">/</kbd>
    </label>
  );
}
