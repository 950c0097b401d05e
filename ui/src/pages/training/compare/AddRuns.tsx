import Plus from "lucide-solid/icons/plus";
import { createSignal, For, type JSX, Show } from "solid-js";
import { ErrorNotice } from "~/components/ErrorNotice/ErrorNotice";
import { Popover } from "~/components/Popover/Popover";
import { Time } from "~/components/Time/Time";
import styles from "./add.module.css";
import { useFoundRuns } from "./queries";
import { MOST_RUNS } from "./view";

/** Find a run by its name and take it into the comparison. */
export function AddRuns(props: {
  known: readonly string[];
  onAdd: (id: string) => void;
}): JSX.Element {
  return (
    <Popover
      label="Add a run"
      align="end"
      trigger={
        <>
          <Plus size={15} /> <span>Add a run</span>
        </>
      }
    >
      {() => (
        <Show
          when={props.known.length < MOST_RUNS}
          fallback={<p class={styles.none}>{MOST_RUNS} runs are as many as fit here.</p>}
        >
          <Search {...props} />
        </Show>
      )}
    </Popover>
  );
}

function Search(props: { known: readonly string[]; onAdd: (id: string) => void }): JSX.Element {
  const [text, setText] = createSignal("");
  const found = useFoundRuns(text, () => true);
  const others = () => (found.data?.items ?? []).filter((run) => !props.known.includes(run.id));
  return (
    <div class={styles.panel}>
      <input
        type="search"
        class={styles.search}
        placeholder="Part of a run's name"
        aria-label="Find a run by its name"
        value={text()}
        onInput={(event) => setText(event.currentTarget.value)}
      />
      <Show when={found.isError}>
        <ErrorNotice error={found.error} onRetry={() => void found.refetch()} />
      </Show>
      <ul class={styles.list} aria-label="Runs found">
        <For
          each={others()}
          fallback={
            <Show when={found.isSuccess}>
              <li class={styles.none}>No other run has this in its name.</li>
            </Show>
          }
        >
          {(run) => (
            <li>
              <button type="button" class={styles.found} onClick={() => props.onAdd(run.id)}>
                <span class={styles.name}>{run.name}</span>
                <span class={styles.about}>
                  {run.project}, <Time value={run.created_at} />
                </span>
              </button>
            </li>
          )}
        </For>
      </ul>
    </div>
  );
}
