import EyeOff from "lucide-solid/icons/eye-off";
import Plus from "lucide-solid/icons/plus";
import RotateCcw from "lucide-solid/icons/rotate-ccw";
import { For, type JSX, Show } from "solid-js";
import { Button } from "~/components/Button/Button";
import { Popover, PopoverItem } from "~/components/Popover/Popover";
import type { PlacedChart, Placement } from "./arranged";
import styles from "./charts.module.css";
import type { Arranging } from "./use-arrangement";

export interface ArrangeBarProps {
  placement: Placement;
  arranging: Arranging;
  onNew: () => void;
}

/** What changes which charts there are: a new one, those out of sight, all as at first. */
export function ArrangeBar(props: ArrangeBarProps): JSX.Element {
  return (
    <div class={styles.arrange} role="group" aria-label="Which charts there are">
      <Button size="small" icon={<Plus size={14} />} onClick={props.onNew}>
        New chart
      </Button>
      <Show when={props.placement.hidden.length > 0}>
        <HiddenCharts charts={props.placement.hidden} onShow={props.arranging.show} />
      </Show>
      <Show when={props.arranging.isArranged()}>
        <Button
          size="small"
          variant="ghost"
          icon={<RotateCcw size={14} />}
          title="Nothing pinned, hidden or moved any more; your own charts stay"
          onClick={props.arranging.reset}
        >
          Reset layout
        </Button>
      </Show>
      <Show when={props.placement.absent.length > 0}>
        <span class={styles.tip} title={props.placement.absent.join("\n")}>
          {absentText(props.placement.absent)}
        </span>
      </Show>
      <Show when={props.arranging.isOfLink()}>
        <span class={styles.ofLink}>
          Arranged as in the link.
          <Button size="small" onClick={props.arranging.keepLink}>
            Keep it
          </Button>
          <Button size="small" variant="ghost" onClick={props.arranging.leaveLink}>
            Show mine
          </Button>
        </span>
      </Show>
    </div>
  );
}

function HiddenCharts(props: {
  charts: readonly PlacedChart[];
  onShow: (ids: readonly string[]) => void;
}): JSX.Element {
  return (
    <Popover
      label={`${props.charts.length} hidden`}
      role="menu"
      triggerClass={styles.chip}
      trigger={
        <>
          <EyeOff size={14} /> {props.charts.length} hidden
        </>
      }
    >
      {(close) => {
        const show = (charts: readonly PlacedChart[]): void => {
          close();
          props.onShow(charts.map((one) => one.id));
        };
        return (
          <>
            <Show when={props.charts.length > 1}>
              <PopoverItem onClick={() => show(props.charts)}>
                Show all {props.charts.length}
              </PopoverItem>
            </Show>
            <For each={props.charts}>
              {(chart) => (
                <PopoverItem onClick={() => show([chart])}>Show {chart.title}</PopoverItem>
              )}
            </For>
          </>
        );
      }}
    </Popover>
  );
}

function absentText(titles: readonly string[]): string {
  if (titles.length === 1) return `“${titles[0]}” draws metrics that this run does not have`;
  return `${titles.length} of your charts draw metrics that this run does not have`;
}
