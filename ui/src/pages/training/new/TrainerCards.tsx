import { For, type JSX, Show } from "solid-js";
import type { TrainerInfo } from "~/api/types";
import { CopyField } from "~/components/CopyField/CopyField";
import styles from "./trainers.module.css";

export interface TrainerCardsProps {
  trainers: readonly TrainerInfo[];
  value: string;
  onChange: (name: string) => void;
}

/** One card a trainer; below them what to install for those that cannot run here. */
export function TrainerCards(props: TrainerCardsProps): JSX.Element {
  return (
    <fieldset class={styles.cards}>
      <legend class="visually-hidden">Trainer</legend>
      <For each={props.trainers}>
        {(trainer) => (
          <label class={styles.card} data-off={!trainer.available}>
            <input
              type="radio"
              name="trainer"
              class={styles.radio}
              value={trainer.name}
              checked={trainer.name === props.value}
              disabled={!trainer.available}
              onChange={() => props.onChange(trainer.name)}
            />
            <span class={styles.name}>{trainer.title}</span>
            <span class={styles.words}>{trainer.description}</span>
            <Show when={!trainer.available}>
              <span class={styles.words}>Not installed</span>
            </Show>
          </label>
        )}
      </For>
      <For each={missing(props.trainers)}>
        {(needs) => (
          <div class={styles.needs}>
            <span>Install what is missing where the server runs:</span>
            <CopyField text={`pip install '${needs}'`} label="the command" />
          </div>
        )}
      </For>
    </fieldset>
  );
}

function missing(trainers: readonly TrainerInfo[]): string[] {
  return [...new Set(trainers.filter((each) => !each.available).map((each) => each.needs))];
}
