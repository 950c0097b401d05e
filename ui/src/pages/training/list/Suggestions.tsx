import { createEffect, For, type JSX, Show } from "solid-js";
import type { Suggestion } from "./completion";
import styles from "./filter.module.css";

export interface SuggestionsProps {
  id: string;
  items: readonly Suggestion[];
  /** The one that Enter takes; -1 for none. */
  at: number;
  onTake: (suggestion: Suggestion) => void;
}

/** The list below a box that completes what is typed. */
export function Suggestions(props: SuggestionsProps): JSX.Element {
  let list: HTMLDivElement | undefined;
  createEffect(() => list?.children[props.at]?.scrollIntoView?.({ block: "nearest" }));
  return (
    <Show when={props.items.length > 0}>
      <div
        ref={(element) => {
          list = element;
        }}
        id={`${props.id}-list`}
        class={styles.list}
        role="listbox"
        aria-label="Suggestions"
      >
        <For each={props.items}>
          {(item, index) => (
            <div
              id={`${props.id}-${index()}`}
              class={styles.item}
              role="option"
              aria-selected={index() === props.at}
              // Not click: the box would lose the focus, and close this, before.
              onPointerDown={(event) => {
                event.preventDefault();
                props.onTake(item);
              }}
            >
              <code>{item.label}</code>
              <span>{item.detail}</span>
            </div>
          )}
        </For>
      </div>
    </Show>
  );
}
