import X from "lucide-solid/icons/x";
import { For, type JSX, Show } from "solid-js";
import { tagCondition } from "./Cell";
import {
  conditionsOf,
  extended,
  fieldOf,
  namedIn,
  valueText,
  without,
  withCondition,
} from "./filter-text";
import type { KnownValues } from "./known";
import { PickMenu } from "./PickMenu";
import styles from "./page.module.css";
import { ACTIVE_STATES, type ViewChange } from "./view";

/** The states that the chips ask for; the words of a chip are the states of its condition. */
const STATE_CHIPS: Record<string, readonly string[]> = {
  all: [],
  running: ACTIVE_STATES,
  completed: ["completed"],
  failed: ["failed", "lost"],
  stopped: ["stopped"],
};

/** The states as chips, and each other condition of the filter as one that can be taken away. */
export function FilterChips(props: {
  filter: string;
  values: KnownValues;
  change: (change: ViewChange) => void;
}): JSX.Element {
  const states = (): string[] => namedIn(props.filter, "status");
  const hasChip = (): boolean =>
    states().length > 0 && Object.values(STATE_CHIPS).some((chip) => isOn(chip));
  const others = (): string[] =>
    conditionsOf(props.filter).filter((one) => fieldOf(one) !== "status" || !hasChip());
  const isNone = (): boolean =>
    !conditionsOf(props.filter).some((one) => fieldOf(one) === "status");
  const isOn = (chip: readonly string[]): boolean =>
    (chip.length > 0 || isNone()) &&
    chip.length === states().length &&
    chip.every((state) => states().includes(state));
  const choose = (chip: readonly string[]): void => {
    const condition = chip.length === 1 ? `status = ${chip[0]}` : `status in (${chip.join(", ")})`;
    const isLeft = chip.length === 0 || isOn(chip);
    props.change({ filter: withCondition(props.filter, "status", isLeft ? null : condition) });
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
      <PickMenu
        label="Only one project"
        align="start"
        triggerClass={styles.chip}
        trigger={<>Project ▾</>}
        picks={props.values.projects}
        chosen={namedIn(props.filter, "project")[0] ?? ""}
        none="All projects"
        onPick={(project) =>
          props.change({
            filter: withCondition(
              props.filter,
              "project",
              project ? `project = ${valueText(project)}` : null,
            ),
          })
        }
      />
      <Show when={props.values.tags.length > 0}>
        <PickMenu
          label="Only one tag"
          align="start"
          triggerClass={styles.chip}
          trigger={<>Tag ▾</>}
          picks={props.values.tags}
          chosen=""
          onPick={(tag) => props.change({ filter: extended(props.filter, tagCondition(tag)) })}
        />
      </Show>
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
