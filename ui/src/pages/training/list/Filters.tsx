import Search from "lucide-solid/icons/search";
import { type JSX, onCleanup } from "solid-js";
import type { Problem } from "~/api/problem";
import type { Vocabulary } from "./completion";
import { FilterBox } from "./FilterBox";
import styles from "./page.module.css";
import type { RunsView, ViewChange } from "./view";

const SEARCH_WAIT_MS = 200;

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
