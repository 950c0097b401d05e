import ArrowLeft from "lucide-solid/icons/arrow-left";
import ArrowRight from "lucide-solid/icons/arrow-right";
import ChartNoAxesColumn from "lucide-solid/icons/chart-no-axes-column";
import X from "lucide-solid/icons/x";
import { type JSX, Show } from "solid-js";
import { Popover, PopoverItem } from "~/components/Popover/Popover";
import { type Axis, axisX } from "./parallel";
import styles from "./parallel.module.css";
import { canBeLog } from "./scale";

export interface AxisMenuProps {
  axis: Axis;
  at: number;
  width: number;
  axes: readonly Axis[];
  onAxes: (ids: readonly string[]) => void;
  onLog: (id: string) => void;
}

/** The name of an axis; behind it what can be done with the axis. */
export function AxisMenu(props: AxisMenuProps): JSX.Element {
  const id = (): string => props.axis.field.id;
  const ids = (): string[] => props.axes.map((one) => one.field.id);
  const move = (by: number): void => {
    const others = ids().filter((one) => one !== id());
    others.splice(props.at + by, 0, id());
    props.onAxes(others);
  };
  return (
    <span
      class={styles.head}
      style={{ left: `${axisX(props.at, props.axes.length, props.width)}px` }}
    >
      <Popover
        role="menu"
        label={`Axis ${props.axis.field.label}`}
        triggerClass={styles.name}
        trigger={
          <>
            {props.axis.field.label}
            <Show when={props.axis.isLog}> (log)</Show>
          </>
        }
      >
        {(close) => {
          const then = (act: () => void) => () => {
            close();
            act();
          };
          return (
            <>
              <PopoverItem
                icon={<ChartNoAxesColumn size={15} />}
                disabled={!canBeLog(props.axis.field)}
                onClick={then(() => props.onLog(id()))}
              >
                {props.axis.isLog ? "Linear scale" : "Log scale"}
              </PopoverItem>
              <PopoverItem
                icon={<ArrowLeft size={15} />}
                disabled={props.at === 0}
                onClick={then(() => move(-1))}
              >
                Move left
              </PopoverItem>
              <PopoverItem
                icon={<ArrowRight size={15} />}
                disabled={props.at === props.axes.length - 1}
                onClick={then(() => move(1))}
              >
                Move right
              </PopoverItem>
              <PopoverItem
                icon={<X size={15} />}
                disabled={props.axes.length === 1}
                onClick={then(() => props.onAxes(ids().filter((one) => one !== id())))}
              >
                Take away
              </PopoverItem>
            </>
          );
        }}
      </Popover>
    </span>
  );
}
