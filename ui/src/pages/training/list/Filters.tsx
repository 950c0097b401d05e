import Search from "lucide-solid/icons/search";
import X from "lucide-solid/icons/x";
import { For, type JSX, onCleanup } from "solid-js";
import type { Problem } from "~/api/problem";
import type { Vocabulary } from "./completion";
import { FilterBox } from "./FilterBox";
import { conditionsOf, fieldOf, namedIn, without, withCondition } from "./filter-text";
import styles from "./page.module.css";
import { ACTIVE_STATES, type RunsView, type ViewChange } from "./view";

const SEARCH_WAIT_MS = 200;

/** The states that the chips ask for; the words of a chip are the states of its condition. */
const STATE_CHIPS: Record<string, readonly string[]> = {
  all: [],
  running: ACTIVE_STATES,
  completed: ["completed"],
  failed: ["failed", "lost"],
  stopped: ["stopped"],
};

export interface FiltersProps {
  view: RunsView;
  change: (change: ViewChange) => void;
  vocabulary: Vocabulary;
  problem: Problem | null;
}

/** What the list is narrowed to; each change goes into the address. */
export function Filters(props: FiltersProps): JSX.Element {
  let timer: ReturnType<typeof setTimeout> | undefined;
  onCleanup(() => clearTimeout(timer));
  const onSearch = (text: string): void => {
    clearTimeout(timer);
    timer = setTimeout(() => props.change({ q: text }), SEARCH_WAIT_MS);
  };
  return (
    <div class={styles.filters}>
      <label class={styles.search}>
        <Search size={16} aria-hidden="true" />
        <input
          type="search"
          placeholder="Search names"
          aria-label="Search runs by name"
          value={props.view.q}
          onInput={(event) => onSearch(event.currentTarget.value)}
        />
      </label>
      <FilterBox
        filter={props.view.filter}
        onApply={(filter) => props.change({ filter })}
        vocabulary={props.vocabulary}
        problem={props.problem}
      />
    </div>
  );
}

/** The states as chips, and each other condition of the filter as one that can be taken away. */
export function FilterChips(props: {
  filter: string;
  change: (change: ViewChange) => void;
}): JSX.Element {
  const states = (): string[] => namedIn(props.filter, "status");
  const others = (): string[] =>
    conditionsOf(props.filter).filter((one) => fieldOf(one) !== "status" || states().length === 0);
  const isOn = (chip: readonly string[]): boolean =>
    chip.length === states().length && chip.every((state) => states().includes(state));
  const choose = (chip: readonly string[]): void => {
    const condition = chip.length === 1 ? `status = ${chip[0]}` : `status in (${chip.join(", ")})`;
    const isNone = chip.length === 0 || isOn(chip);
    props.change({ filter: withCondition(props.filter, "status", isNone ? null : condition) });
  };
  return (
    <div class={styles.chips}>
      <div class={styles.chips} role="group" aria-label="State">
        <For each={Object.entries(STATE_CHIPS)}>
          {([name, chip]) => (
            <button
              type="button"
              class={styles.chip}
              aria-pressed={isOn(chip)}
              onClick={() => choose(chip)}
            >
              {name}
            </button>
          )}
        </For>
      </div>
      <For each={others()}>
        {(condition) => (
          <button
            type="button"
            class={styles.condition}
            aria-label={`Take away: ${condition}`}
            onClick={() => props.change({ filter: without(props.filter, condition) })}
          >
            <code>{condition}</code>
            <X size={13} aria-hidden="true" />
          </button>
        )}
      </For>
    </div>
  );
}
