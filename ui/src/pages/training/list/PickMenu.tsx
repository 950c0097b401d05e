import { createMemo, createSignal, For, type JSX, Show } from "solid-js";
import { Popover } from "~/components/Popover/Popover";
import styles from "./chooser.module.css";

export interface Pick {
  value: string;
  label: string;
  nRuns?: number;
}

export interface PickMenuProps {
  /** What the button says to screen readers. */
  label: string;
  trigger: JSX.Element;
  align?: "start" | "end";
  triggerClass?: string | undefined;
  picks: readonly Pick[];
  chosen: string;
  /** What takes the choice back; without it a choice stays. */
  none?: string | undefined;
  onPick: (value: string) => void;
}

const MOST = 100;

/** A button that opens a list to choose one thing from, by typing a part of its name. */
export function PickMenu(props: PickMenuProps): JSX.Element {
  return (
    <Popover
      label={props.label}
      align={props.align ?? "end"}
      panelClass={styles.narrow}
      triggerClass={props.triggerClass}
      trigger={props.trigger}
    >
      {(close) => <Picks {...props} close={close} />}
    </Popover>
  );
}

function Picks(props: PickMenuProps & { close: () => void }): JSX.Element {
  const [search, setSearch] = createSignal("");
  const found = createMemo(() => {
    const wanted = search().trim().toLowerCase();
    return props.picks.filter((one) => one.label.toLowerCase().includes(wanted));
  });
  const pick = (value: string): void => {
    props.close();
    props.onPick(value);
  };
  return (
    <div class={styles.chooser}>
      <input
        class={styles.search}
        type="search"
        placeholder="Search"
        aria-label={`${props.label}: search`}
        value={search()}
        onInput={(event) => setSearch(event.currentTarget.value)}
        onKeyDown={(event) => {
          const [first] = found();
          if (event.key === "Enter" && search() !== "" && first) pick(first.value);
        }}
      />
      <ul class={styles.lists}>
        <Show when={props.none !== undefined && props.chosen !== ""}>
          <li>
            <button type="button" class={styles.key} onClick={() => pick("")}>
              {props.none}
            </button>
          </li>
        </Show>
        <For each={found().slice(0, MOST)}>
          {(one) => (
            <li>
              <button
                type="button"
                class={styles.key}
                aria-pressed={props.chosen === one.value}
                onClick={() => pick(one.value)}
              >
                <span class={styles.label}>{one.label}</span>
                <Show when={one.nRuns}>
                  {(n) => <span class={styles.count}>{n().toLocaleString("en")}</span>}
                </Show>
              </button>
            </li>
          )}
        </For>
        <Show when={found().length === 0}>
          <li class={styles.rest}>Nothing has “{search()}” in its name.</li>
        </Show>
        <Show when={found().length > MOST}>
          <li class={styles.rest}>
            {(found().length - MOST).toLocaleString("en")} more: search for them
          </li>
        </Show>
      </ul>
    </div>
  );
}
