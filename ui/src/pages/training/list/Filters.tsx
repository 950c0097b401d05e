import X from "lucide-solid/icons/x";
import { For, type JSX, onCleanup, Show } from "solid-js";
import { Button } from "~/components/Button/Button";
import { useHotkeys } from "~/hotkeys/hotkeys";
import styles from "./page.module.css";
import { type RunsView, STATUS_FILTERS, type StatusFilter } from "./queries";

const SEARCH_WAIT_MS = 200;

/** What the list is narrowed to; each change goes into the address. */
export function Filters(props: {
  view: RunsView;
  set: (change: Record<string, string | undefined>) => void;
  count: string;
}): JSX.Element {
  let search: HTMLInputElement | undefined;
  let timer: ReturnType<typeof setTimeout> | undefined;
  onCleanup(() => clearTimeout(timer));
  useHotkeys([{ keys: "/", description: "Search the runs", run: () => search?.focus() }]);
  const onInput = (text: string): void => {
    clearTimeout(timer);
    timer = setTimeout(() => props.set({ q: text || undefined }), SEARCH_WAIT_MS);
  };
  return (
    <div class={styles.filters}>
      <input
        ref={(element) => {
          search = element;
        }}
        type="search"
        class={styles.search}
        placeholder="Search by name"
        aria-label="Search runs by name"
        value={props.view.q}
        onInput={(event) => onInput(event.currentTarget.value)}
      />
      <div class={styles.chips} role="group" aria-label="State">
        <For each={Object.keys(STATUS_FILTERS) as StatusFilter[]}>
          {(status) => (
            <button
              type="button"
              class={styles.chip}
              aria-pressed={props.view.status === status}
              onClick={() => props.set({ status: status === "all" ? undefined : status })}
            >
              {status}
            </button>
          )}
        </For>
      </div>
      <Show when={props.view.project}>
        <Button
          size="small"
          icon={<X size={14} />}
          aria-label={`Project ${props.view.project}: show all projects`}
          onClick={() => props.set({ project: undefined })}
        >
          project: {props.view.project}
        </Button>
      </Show>
      <span class={styles.count} role="status">
        {props.count}
      </span>
    </div>
  );
}
