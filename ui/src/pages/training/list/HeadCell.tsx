import ArrowDown from "lucide-solid/icons/arrow-down";
import ArrowLeft from "lucide-solid/icons/arrow-left";
import ArrowRight from "lucide-solid/icons/arrow-right";
import ArrowUp from "lucide-solid/icons/arrow-up";
import ChevronDown from "lucide-solid/icons/chevron-down";
import EyeOff from "lucide-solid/icons/eye-off";
import Group from "lucide-solid/icons/group";
import Pin from "lucide-solid/icons/pin";
import PinOff from "lucide-solid/icons/pin-off";
import { createSignal, type JSX, Show } from "solid-js";
import { Popover, PopoverItem } from "~/components/Popover/Popover";
import { type Column, isGroupable, isSortable, NAME_KEY } from "./columns";
import styles from "./head.module.css";
import { LaneBox, type TableGeometry } from "./LaneBox";
import { Resizer } from "./Resizer";

/** What can be done with a column from its head. */
export interface ColumnActions {
  orderBy: (sort: string) => void;
  nudge: (key: string, by: -1 | 1) => void;
  moveTo: (key: string, before: string) => void;
  pin: (key: string, isPinned: boolean) => void;
  /** While a drag goes on the width is only shown; then it is kept. */
  resize: (key: string, width: number, isDone: boolean) => void;
  /** Give the width back to the table. */
  fit: (key: string) => void;
  remove: (key: string) => void;
  groupBy: (key: string) => void;
}

export interface HeadCellProps {
  column: Column;
  geometry: TableGeometry;
  sort: string;
  actions: ColumnActions;
}

const DRAGGED = "application/x-axonml-column";

/** The head of a column: a press sorts, a drag moves, the edge resizes, the menu has the rest. */
export function HeadCell(props: HeadCellProps): JSX.Element {
  const [isTarget, setTarget] = createSignal(false);
  const key = (): string => props.column.key;
  const isUp = (): boolean => props.sort === key();
  const isDown = (): boolean => props.sort === `-${key()}`;
  const direction = (): "ascending" | "descending" | "none" | undefined => {
    if (!isSortable(key())) return undefined;
    if (isUp()) return "ascending";
    return isDown() ? "descending" : "none";
  };
  const press = (): void => {
    if (isSortable(key())) props.actions.orderBy(isUp() ? `-${key()}` : key());
  };
  const onKeyDown = (event: KeyboardEvent): void => {
    if (!event.shiftKey || (event.key !== "ArrowLeft" && event.key !== "ArrowRight")) return;
    event.preventDefault();
    props.actions.nudge(key(), event.key === "ArrowLeft" ? -1 : 1);
  };
  return (
    <LaneBox role="columnheader" lane={key()} geometry={props.geometry} sort={direction()}>
      <div
        class={styles.head}
        classList={{
          [styles.target ?? ""]: isTarget(),
          [styles.numeric ?? ""]: props.column.isNumeric,
        }}
        draggable={true}
        onDragStart={(event) => event.dataTransfer?.setData(DRAGGED, key())}
        onDragOver={(event) => {
          if (!event.dataTransfer?.types.includes(DRAGGED)) return;
          event.preventDefault();
          setTarget(true);
        }}
        onDragLeave={() => setTarget(false)}
        onDrop={(event) => {
          setTarget(false);
          const moved = event.dataTransfer?.getData(DRAGGED);
          if (!moved) return;
          event.preventDefault();
          props.actions.moveTo(moved, key());
        }}
      >
        <button
          type="button"
          class={styles.sort}
          title={props.column.label}
          disabled={!isSortable(key())}
          onClick={press}
          onKeyDown={onKeyDown}
        >
          <span class={styles.label}>{props.column.label}</span>
          <Show when={isUp()}>
            <ArrowUp size={13} aria-hidden="true" />
          </Show>
          <Show when={isDown()}>
            <ArrowDown size={13} aria-hidden="true" />
          </Show>
        </button>
        <Popover
          label={`Column ${props.column.label}`}
          role="menu"
          align="end"
          triggerClass={styles.menu}
          trigger={<ChevronDown size={14} />}
        >
          {(close) => <HeadMenu {...props} close={close} />}
        </Popover>
      </div>
      <Resizer column={props.column} geometry={props.geometry} actions={props.actions} />
    </LaneBox>
  );
}

function HeadMenu(props: HeadCellProps & { close: () => void }): JSX.Element {
  const key = (): string => props.column.key;
  const isPinned = (): boolean => props.geometry.lane(key())?.isPinned === true;
  // The menu goes first: what it does may take its own button out of the page.
  const then = (act: () => void) => (): void => {
    props.close();
    act();
  };
  return (
    <>
      <Show when={isSortable(key())}>
        <PopoverItem
          icon={<ArrowUp size={15} />}
          onClick={then(() => props.actions.orderBy(key()))}
        >
          Sort ascending
        </PopoverItem>
        <PopoverItem
          icon={<ArrowDown size={15} />}
          onClick={then(() => props.actions.orderBy(`-${key()}`))}
        >
          Sort descending
        </PopoverItem>
      </Show>
      <Show when={isGroupable(key())}>
        <PopoverItem icon={<Group size={15} />} onClick={then(() => props.actions.groupBy(key()))}>
          Group by {props.column.label}
        </PopoverItem>
      </Show>
      <PopoverItem
        icon={isPinned() ? <PinOff size={15} /> : <Pin size={15} />}
        onClick={then(() => props.actions.pin(key(), !isPinned()))}
      >
        {isPinned() ? "Unpin" : "Pin to the left"}
      </PopoverItem>
      <PopoverItem
        icon={<ArrowLeft size={15} />}
        onClick={then(() => props.actions.nudge(key(), -1))}
      >
        Move left
      </PopoverItem>
      <PopoverItem
        icon={<ArrowRight size={15} />}
        onClick={then(() => props.actions.nudge(key(), 1))}
      >
        Move right
      </PopoverItem>
      <Show when={key() !== NAME_KEY}>
        <PopoverItem icon={<EyeOff size={15} />} onClick={then(() => props.actions.remove(key()))}>
          Hide the column
        </PopoverItem>
      </Show>
    </>
  );
}
