import ListFilter from "lucide-solid/icons/list-filter";
import X from "lucide-solid/icons/x";
import {
  createEffect,
  createMemo,
  createSignal,
  createUniqueId,
  type JSX,
  on,
  Show,
} from "solid-js";
import type { Problem } from "~/api/problem";
import { messageOf } from "~/components/ErrorNotice/message";
import { useHotkeys } from "~/hotkeys/hotkeys";
import {
  type Completion,
  completionOf,
  type Suggestion,
  taken,
  type Vocabulary,
} from "./completion";
import styles from "./filter.module.css";
import { recentFilters, rememberFilter } from "./recent";
import { Suggestions } from "./Suggestions";

export interface FilterBoxProps {
  filter: string;
  onApply: (filter: string) => void;
  vocabulary: Vocabulary;
  /** What the server said of the filter that is applied. */
  problem: Problem | null;
}

/** The filter of the list as text: completed while one types, applied by Enter. */
export function FilterBox(props: FilterBoxProps): JSX.Element {
  let input: HTMLInputElement | undefined;
  const id = createUniqueId();
  const [draft, setDraft] = createSignal("");
  const [caret, setCaret] = createSignal(0);
  const [isOpen, setOpen] = createSignal(false);
  const [at, setAt] = createSignal(-1);
  const [shift, setShift] = createSignal(0);
  createEffect(on(() => props.filter, setDraft));
  useHotkeys([{ keys: "/", description: "Filter the runs", run: () => input?.focus() }]);

  const completion = createMemo<Completion>(() => {
    if (!isOpen()) return { from: 0, to: 0, items: [] };
    if (draft().trim() !== "") return completionOf(draft(), caret(), props.vocabulary);
    const recent = recentFilters().map((text) => ({ text, label: text, detail: "recent" }));
    const fields = completionOf("", 0, props.vocabulary).items;
    return { from: 0, to: draft().length, items: [...recent, ...fields] };
  });
  const items = (): readonly Suggestion[] => completion().items;
  const spot = (): Problem["spot"] =>
    props.problem?.spot && draft() === props.filter
      ? inUnits(draft(), props.problem.spot)
      : undefined;

  const follow = (): void => {
    setCaret(input?.selectionStart ?? 0);
    setShift(input?.scrollLeft ?? 0);
  };
  const onInput = (): void => {
    setDraft(input?.value ?? "");
    follow();
    setAt(-1);
    setOpen(true);
  };
  const take = (suggestion: Suggestion): void => {
    const next = taken(draft(), completion(), suggestion);
    setDraft(next.text);
    setAt(-1);
    input?.focus();
    input?.setSelectionRange(next.caret, next.caret);
    follow();
  };
  const apply = (filter: string): void => {
    setDraft(filter.trim());
    setOpen(false);
    rememberFilter(filter.trim());
    props.onApply(filter.trim());
  };
  const onKeyDown = (event: KeyboardEvent): void => {
    const count = items().length;
    const chosen = items()[at()];
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      event.preventDefault();
      if (!isOpen()) setOpen(true);
      else if (count > 0) {
        setAt((at() + (event.key === "ArrowDown" ? 1 : at() < 0 ? 0 : -1) + count) % count);
      }
    } else if (event.key === "Enter") {
      event.preventDefault();
      if (chosen?.detail === "recent") apply(chosen.text);
      else if (chosen) take(chosen);
      else apply(draft());
    } else if (event.key === "Tab" && chosen) {
      event.preventDefault();
      take(chosen);
    } else if (event.key === "Escape") {
      event.stopPropagation();
      if (count > 0) setOpen(false);
      else if (draft() === props.filter) input?.blur();
      else setDraft(props.filter);
    }
  };

  return (
    <div class={styles.root}>
      <div class={styles.box} classList={{ [styles.bad ?? ""]: props.problem !== null }}>
        <ListFilter size={16} class={styles.icon} aria-hidden="true" />
        <div class={styles.line}>
          <Show when={spot()}>
            {(range) => (
              <Underline
                text={draft()}
                from={range().position}
                length={range().length}
                shift={shift()}
              />
            )}
          </Show>
          <input
            ref={(element) => {
              input = element;
            }}
            class={styles.input}
            type="text"
            role="combobox"
            aria-label="Filter runs"
            aria-autocomplete="list"
            aria-expanded={items().length > 0}
            aria-controls={`${id}-list`}
            aria-activedescendant={at() >= 0 ? `${id}-${at()}` : undefined}
            aria-invalid={props.problem !== null}
            aria-describedby={props.problem ? `${id}-error` : undefined}
            autocomplete="off"
            autocapitalize="off"
            spellcheck={false}
            placeholder="metrics.loss < 0.1 and status = completed"
            value={draft()}
            onInput={onInput}
            onKeyDown={onKeyDown}
            onKeyUp={follow}
            onClick={() => {
              follow();
              setOpen(true);
            }}
            onScroll={() => setShift(input?.scrollLeft ?? 0)}
            onFocus={() => {
              follow();
              setOpen(true);
            }}
            onBlur={() => setOpen(false)}
          />
        </div>
        <Show when={draft() !== props.filter}>
          <kbd class={styles.enter} title="Enter applies the filter">
            Enter
          </kbd>
        </Show>
        <Show when={draft()}>
          <button
            type="button"
            class={styles.clear}
            aria-label="Clear the filter"
            onClick={() => apply("")}
          >
            <X size={15} />
          </button>
        </Show>
      </div>
      <Suggestions
        id={id}
        items={items()}
        at={at()}
        onTake={(one) => (one.detail === "recent" ? apply(one.text) : take(one))}
      />
      <Show when={props.problem}>
        {(problem) => (
          <p class={styles.error} id={`${id}-error`} role="alert">
            {messageOf(problem())}
          </p>
        )}
      </Show>
    </div>
  );
}

/** Where a spot is in JavaScript's units: the server counts an emoji as one character. */
function inUnits(text: string, spot: NonNullable<Problem["spot"]>): typeof spot {
  const signs = [...text];
  const position = signs.slice(0, spot.position).join("").length;
  const end = signs.slice(0, spot.position + spot.length).join("").length;
  return { position, length: end - position };
}

/** A wavy line under the characters that the server could not read. */
function Underline(props: {
  text: string;
  from: number;
  length: number;
  shift: number;
}): JSX.Element {
  // At the very end there is nothing to underline but the space behind it.
  const text = (): string => props.text.padEnd(props.from + 1);
  const end = (): number => props.from + Math.max(1, props.length);
  return (
    <span class={styles.mirror} aria-hidden="true">
      <span style={{ transform: `translateX(${-props.shift}px)` }}>
        {text().slice(0, props.from)}
        <mark data-spot>{text().slice(props.from, end())}</mark>
        {text().slice(end())}
      </span>
    </span>
  );
}
