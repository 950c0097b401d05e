import GripVertical from "lucide-solid/icons/grip-vertical";
import Pin from "lucide-solid/icons/pin";
import X from "lucide-solid/icons/x";
import { createSignal, For, type JSX, Show } from "solid-js";
import styles from "./chooser.module.css";
import { columnOf, NAME_KEY } from "./columns";
import { movedTo, nudged, pinned, type Placed, removed } from "./layout";

const DRAGGED = "application/x-axonml-chosen";

export interface ChosenColumnsProps {
  columns: readonly Placed[];
  onChange: (columns: readonly Placed[]) => void;
}

/** The columns that are shown, in order: dragged, or moved by the arrow keys. */
export function ChosenColumns(props: ChosenColumnsProps): JSX.Element {
  const [target, setTarget] = createSignal("");
  const [said, setSaid] = createSignal("");
  let list: HTMLUListElement | undefined;
  const keys = (): string[] => props.columns.map((one) => one.key);
  const isPinned = (key: string): boolean =>
    props.columns.some((one) => one.key === key && one.isPinned);
  const label = (key: string): string => columnOf(key)?.label ?? key;
  const nudge = (event: KeyboardEvent, key: string): void => {
    const by = { ArrowUp: -1, ArrowDown: 1 }[event.key] as -1 | 1 | undefined;
    if (by === undefined) return;
    event.preventDefault();
    props.onChange(nudged(props.columns, key, by));
    const place = keys().indexOf(key) + 1;
    setSaid(`${label(key)} is column ${place} of ${keys().length}`);
    // The moved line is the same element, yet the browser drops the focus of what it moves.
    list?.querySelector<HTMLElement>(`[data-grip="${CSS.escape(key)}"]`)?.focus();
  };
  return (
    <fieldset class={styles.area}>
      <legend>Shown</legend>
      <ul
        ref={(element) => {
          list = element;
        }}
        class={styles.chosen}
      >
        <For each={keys()}>
          {(key) => (
            <li
              class={styles.one}
              classList={{ [styles.target ?? ""]: target() === key }}
              draggable={true}
              onDragStart={(event) => event.dataTransfer?.setData(DRAGGED, key)}
              onDragOver={(event) => {
                if (!event.dataTransfer?.types.includes(DRAGGED)) return;
                event.preventDefault();
                setTarget(key);
              }}
              onDragLeave={() => setTarget("")}
              onDrop={(event) => {
                setTarget("");
                event.preventDefault();
                const moved = event.dataTransfer?.getData(DRAGGED);
                if (moved) props.onChange(movedTo(props.columns, moved, key));
              }}
            >
              <button
                type="button"
                class={styles.grip}
                data-grip={key}
                aria-label={`Move ${label(key)}: arrow up or down`}
                onKeyDown={(event) => nudge(event, key)}
              >
                <GripVertical size={15} />
              </button>
              <span class={styles.label} title={key}>
                {label(key)}
              </span>
              <button
                type="button"
                class={styles.tool}
                aria-label={`Pin ${label(key)}`}
                aria-pressed={isPinned(key)}
                onClick={() => props.onChange(pinned(props.columns, key, !isPinned(key)))}
              >
                <Pin size={14} />
              </button>
              <Show when={key !== NAME_KEY} fallback={<span class={styles.tool} />}>
                <button
                  type="button"
                  class={styles.tool}
                  aria-label={`Hide ${label(key)}`}
                  onClick={() => props.onChange(removed(props.columns, key))}
                >
                  <X size={14} />
                </button>
              </Show>
            </li>
          )}
        </For>
      </ul>
      <p class="visually-hidden" role="status">
        {said()}
      </p>
    </fieldset>
  );
}
