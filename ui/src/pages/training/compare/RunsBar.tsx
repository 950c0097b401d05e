import { A } from "@solidjs/router";
import Eye from "lucide-solid/icons/eye";
import EyeOff from "lucide-solid/icons/eye-off";
import Focus from "lucide-solid/icons/focus";
import Flag from "lucide-solid/icons/flag";
import X from "lucide-solid/icons/x";
import { For, type JSX, Show } from "solid-js";
import { DASHES } from "~/charts/series";
import { Button } from "~/components/Button/Button";
import { StatusChip } from "~/components/StatusChip/StatusChip";
import type { RunLook } from "./looks";
import styles from "./runs.module.css";
import type { CompareView } from "./view";

export interface RunsBarProps {
  looks: readonly RunLook[];
  view: CompareView;
  hovered: string | null;
  onHover: (run: string | null) => void;
  onRemove: (run: string) => void;
}

/** The runs by name and colour: hide, show alone, make the baseline, take away. */
export function RunsBar(props: RunsBarProps): JSX.Element {
  const hidden = (): ReadonlySet<string> => props.view.hidden();
  const baseline = (): string => props.view.text("base");
  const toggle = (id: string): void => {
    const next = new Set(hidden());
    if (!next.delete(id)) next.add(id);
    props.view.setHidden(next);
  };
  const isAlone = (id: string): boolean =>
    !hidden().has(id) && hidden().size === props.looks.length - 1 && props.looks.length > 1;
  const solo = (id: string): void => {
    const others = props.looks.map((look) => look.run.id).filter((one) => one !== id);
    props.view.setHidden(new Set(isAlone(id) ? [] : others));
  };
  return (
    <details class={styles.bar} open>
      <summary class={styles.title}>
        Runs <span class={styles.count}>{props.looks.length}</span>
        <Show when={hidden().size > 0}>
          <span class={styles.note}>{hidden().size} hidden</span>
        </Show>
      </summary>
      <Show when={hidden().size > 0}>
        <Button
          size="small"
          variant="ghost"
          onClick={() => props.view.setHidden(new Set<string>())}
        >
          Show all
        </Button>
      </Show>
      <ul class={styles.list} aria-label="Runs compared" onPointerLeave={() => props.onHover(null)}>
        <For each={props.looks}>
          {(look) => {
            const id = look.run.id;
            return (
              <li
                class={styles.run}
                classList={{
                  [styles.hidden ?? ""]: hidden().has(id),
                  [styles.hovered ?? ""]: props.hovered === id,
                }}
                onPointerEnter={() => props.onHover(id)}
                onFocusIn={() => props.onHover(id)}
                onFocusOut={() => props.onHover(null)}
              >
                <Swatch color={look.color} dash={look.dash} />
                <A class={styles.name} href={`/training/${id}`} title={look.run.name}>
                  {look.run.name}
                </A>
                <span class={styles.tools}>
                  <Tool
                    label={`Hide ${look.run.name}`}
                    isPressed={hidden().has(id)}
                    onClick={() => toggle(id)}
                  >
                    {hidden().has(id) ? <EyeOff size={15} /> : <Eye size={15} />}
                  </Tool>
                  <Tool
                    label={`Show only ${look.run.name}`}
                    isPressed={isAlone(id)}
                    onClick={() => solo(id)}
                  >
                    <Focus size={15} />
                  </Tool>
                  <Tool
                    label={`Baseline: ${look.run.name}`}
                    isPressed={baseline() === id}
                    onClick={() => props.view.set("base", baseline() === id ? "" : id)}
                  >
                    <Flag size={15} />
                  </Tool>
                  <Tool label={`Take ${look.run.name} out`} onClick={() => props.onRemove(id)}>
                    <X size={15} />
                  </Tool>
                </span>
                <Show when={look.run.status !== "completed"}>
                  <span class={styles.state}>
                    <StatusChip status={look.run.status} />
                  </span>
                </Show>
              </li>
            );
          }}
        </For>
      </ul>
    </details>
  );
}

function Tool(props: {
  label: string;
  isPressed?: boolean;
  onClick: () => void;
  children: JSX.Element;
}): JSX.Element {
  return (
    <button
      type="button"
      class={styles.tool}
      aria-label={props.label}
      title={props.label}
      aria-pressed={props.isPressed}
      onClick={() => props.onClick()}
    >
      {props.children}
    </button>
  );
}

/** A piece of the run's line, in its colour and dash. */
export function Swatch(props: { color: number; dash: number }): JSX.Element {
  const dash = (): string => (DASHES[props.dash % DASHES.length] ?? []).join(" ");
  return (
    <svg class={styles.swatch} viewBox="0 0 18 6" width="18" height="6" aria-hidden="true">
      <line
        x1="0"
        x2="18"
        y1="3"
        y2="3"
        stroke={`var(--series-${props.color + 1})`}
        stroke-width="3"
        stroke-dasharray={dash()}
      />
    </svg>
  );
}
