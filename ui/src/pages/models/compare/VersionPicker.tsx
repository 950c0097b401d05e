import { For, type JSX, Show } from "solid-js";
import type { Model, ModelVersion } from "~/api/types";
import { aliasesOf, Chip } from "../parts/Chips";
import parts from "../parts/parts.module.css";
import styles from "./page.module.css";
import { MOST } from "./view";

/** Which versions stand side by side: in their order, at most four. */
export function VersionPicker(props: {
  model: Model;
  versions: readonly ModelVersion[];
  chosen: readonly number[];
  onChange: (chosen: readonly number[]) => void;
}): JSX.Element {
  const words = (version: number): string => {
    const aliases = aliasesOf(props.model.aliases, version);
    return aliases.length > 0 ? `v${version} (${aliases.join(", ")})` : `v${version}`;
  };
  const rest = (): ModelVersion[] =>
    props.versions.filter((one) => !props.chosen.includes(one.version));
  return (
    <div class={`${parts.chips} ${styles.picker}`} role="group" aria-label="Versions to compare">
      <For each={props.chosen}>
        {(version) => (
          <Chip
            removal={{
              label: `Leave v${version} out`,
              run: () => props.onChange(props.chosen.filter((one) => one !== version)),
            }}
          >
            {words(version)}
          </Chip>
        )}
      </For>
      <Show when={props.chosen.length < MOST && rest().length > 0}>
        <select
          class={styles.choice}
          aria-label="Add a version"
          onChange={(event) => {
            const added = Number(event.currentTarget.value);
            event.currentTarget.value = "";
            if (added > 0) props.onChange([...props.chosen, added]);
          }}
        >
          <option value="">Add a version</option>
          <For each={rest()}>
            {(one) => <option value={one.version}>{words(one.version)}</option>}
          </For>
        </select>
      </Show>
    </div>
  );
}
