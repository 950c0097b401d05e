import { createUniqueId, For, type JSX } from "solid-js";
import styles from "./Tabs.module.css";

export interface TabsProps<Value extends string> {
  value: Value;
  onChange: (value: Value) => void;
  items: readonly { value: Value; label: JSX.Element }[];
  label?: string;
  /** The panel of the chosen tab. */
  children: JSX.Element;
}

/** Tabs by the ARIA pattern: arrows, Home and End move and choose. */
export function Tabs<Value extends string>(props: TabsProps<Value>): JSX.Element {
  const id = createUniqueId();
  let list: HTMLDivElement | undefined;
  const choose = (index: number): void => {
    const item = props.items.at(index % props.items.length);
    if (!item) return;
    props.onChange(item.value);
    list?.querySelector<HTMLElement>(`[data-value="${CSS.escape(item.value)}"]`)?.focus();
  };
  const onKeyDown = (event: KeyboardEvent): void => {
    const at = props.items.findIndex((item) => item.value === props.value);
    const next = { ArrowRight: at + 1, ArrowLeft: at - 1, Home: 0, End: -1 }[event.key];
    if (next === undefined) return;
    event.preventDefault();
    choose(next);
  };
  return (
    <>
      <div
        ref={(element) => {
          list = element;
        }}
        class={styles.list}
        role="tablist"
        aria-label={props.label}
        onKeyDown={onKeyDown}
      >
        <For each={props.items}>
          {(item) => (
            <button
              type="button"
              role="tab"
              id={`${id}-${item.value}`}
              data-value={item.value}
              class={styles.tab}
              aria-selected={item.value === props.value}
              aria-controls={`${id}-panel`}
              tabindex={item.value === props.value ? 0 : -1}
              onClick={() => props.onChange(item.value)}
            >
              {item.label}
            </button>
          )}
        </For>
      </div>
      <div
        id={`${id}-panel`}
        role="tabpanel"
        aria-labelledby={`${id}-${props.value}`}
        class={styles.panel}
      >
        {/* Read nowhere else: each reading builds the panel once more. */}
        {props.children}
      </div>
    </>
  );
}
