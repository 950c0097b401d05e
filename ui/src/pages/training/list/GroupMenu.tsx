import GroupIcon from "lucide-solid/icons/group";
import { createMemo, createSignal, For, type JSX, Show } from "solid-js";
import { Popover } from "~/components/Popover/Popover";
import styles from "./chooser.module.css";
import { columnOf, isGroupable } from "./columns";
import type { KnownColumns } from "./known";

const MOST = 60;

export interface GroupMenuProps {
  by: string;
  known: KnownColumns;
  onChange: (by: string) => void;
}

/** What the runs are grouped by: any config key, tag, or one of their own fields. */
export function GroupMenu(props: GroupMenuProps): JSX.Element {
  const label = (): string => columnOf(props.by)?.label ?? props.by;
  return (
    <Popover
      label={props.by ? `Grouped by ${label()}` : "Group"}
      align="end"
      panelClass={styles.panel}
      trigger={
        <>
          <GroupIcon size={15} /> <span>{props.by ? `By ${label()}` : "Group"}</span>
        </>
      }
    >
      {(close) => <Keys {...props} close={close} />}
    </Popover>
  );
}

function Keys(props: GroupMenuProps & { close: () => void }): JSX.Element {
  const [search, setSearch] = createSignal("");
  const keys = createMemo(() =>
    [...props.known.own, ...props.known.config, ...props.known.tags]
      .map((one) => one.key)
      .filter((key) => isGroupable(key) && key.toLowerCase().includes(search().toLowerCase())),
  );
  const choose = (by: string): void => {
    props.close();
    props.onChange(by);
  };
  return (
    <div class={styles.chooser}>
      <input
        class={styles.search}
        type="search"
        placeholder="Search keys"
        aria-label="Search keys to group by"
        value={search()}
        onInput={(event) => setSearch(event.currentTarget.value)}
      />
      <ul class={styles.lists}>
        <Show when={props.by}>
          <li>
            <button type="button" class={styles.key} onClick={() => choose("")}>
              No groups
            </button>
          </li>
        </Show>
        <For each={keys().slice(0, MOST)}>
          {(key) => (
            <li>
              <button
                type="button"
                class={styles.key}
                aria-pressed={props.by === key}
                onClick={() => choose(key)}
              >
                {key.includes(".") ? key : (columnOf(key)?.label ?? key)}
              </button>
            </li>
          )}
        </For>
      </ul>
    </div>
  );
}
