import { A } from "@solidjs/router";
import X from "lucide-solid/icons/x";
import { For, type JSX, Show } from "solid-js";
import type { ModelVersion } from "~/api/types";
import styles from "./parts.module.css";

/** The aliases that point at a version, by name. */
export function aliasesOf(aliases: Readonly<Record<string, number>>, version: number): string[] {
  return Object.keys(aliases)
    .filter((alias) => aliases[alias] === version)
    .toSorted((a, b) => a.localeCompare(b));
}

/** A word in a pill. */
export function Chip(props: {
  tone?: "alias" | "warning" | "good";
  title?: string | undefined;
  /** With it the chip has a button that takes it away; says what. */
  removal?: { label: string; run: () => void };
  children: JSX.Element;
}): JSX.Element {
  return (
    <span class={`${styles.chip} ${props.tone ? styles[props.tone] : ""}`} title={props.title}>
      <span>{props.children}</span>
      <Show when={props.removal}>
        {(removal) => (
          <button
            type="button"
            class={styles.remove}
            aria-label={removal().label}
            onClick={() => removal().run()}
          >
            <X size={13} />
          </button>
        )}
      </Show>
    </span>
  );
}

/** Aliases with the versions that they point at, each a link to it. */
export function AliasChips(props: {
  modelId: string;
  aliases: Readonly<Record<string, number>>;
}): JSX.Element {
  return (
    <span class={styles.chips}>
      <For each={Object.entries(props.aliases)} fallback="–">
        {([alias, version]) => (
          <Chip tone="alias">
            <A href={`/models/${props.modelId}?version=${version}`}>
              {alias} → v{version}
            </A>
          </Chip>
        )}
      </For>
    </span>
  );
}

/** What a version can do and what is to be known before it does. */
export function VersionBadges(props: {
  version: ModelVersion;
  requiresApproval: boolean;
}): JSX.Element {
  return (
    <span class={styles.chips}>
      <Show
        when={props.version.servable}
        fallback={<Chip title={props.version.reason}>not servable</Chip>}
      >
        <Chip tone="good">servable</Chip>
      </Show>
      <Show when={props.version.scan?.can_run_code}>
        <Chip tone="warning" title={props.version.scan?.findings.join(" ")}>
          can run code
        </Chip>
      </Show>
      <Show when={props.version.approval}>
        {(approval) => (
          <Chip tone="alias" title={approval().reason}>
            approved
          </Chip>
        )}
      </Show>
      <Show when={props.requiresApproval && !props.version.approval}>
        <Chip>not approved</Chip>
      </Show>
    </span>
  );
}
