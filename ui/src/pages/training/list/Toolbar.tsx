import Download from "lucide-solid/icons/download";
import Ellipsis from "lucide-solid/icons/ellipsis";
import List from "lucide-solid/icons/list";
import Trash from "lucide-solid/icons/trash";
import { type JSX, Show } from "solid-js";
import { Popover, PopoverItem } from "~/components/Popover/Popover";
import { ColumnChooser } from "./ColumnChooser";
import { FilterChips } from "./FilterChips";
import { GroupMenu } from "./GroupMenu";
import type { KnownColumns, KnownValues } from "./known";
import styles from "./page.module.css";
import type { View } from "./view";
import { ViewsMenu } from "./ViewsMenu";

export interface ToolbarProps {
  view: View;
  known: KnownColumns;
  values: KnownValues;
  count: string;
  onExport: () => void;
}

/** What the list shows and how: chips, groups, columns, saved views. */
export function Toolbar(props: ToolbarProps): JSX.Element {
  const now = () => props.view.now();
  return (
    <div class={styles.toolbar}>
      <FilterChips filter={now().filter} values={props.values} change={props.view.change} />
      <span class={styles.count} role="status">
        {props.count}
      </span>
      <div class={styles.menus}>
        <Show when={!now().isTrash}>
          <GroupMenu
            by={now().by}
            known={props.known}
            onChange={(by) => props.view.change({ by })}
          />
        </Show>
        <ColumnChooser
          columns={props.view.columns()}
          known={props.known}
          onChange={(columns) => props.view.change({ columns })}
        />
        <ViewsMenu path="/training" search={props.view.search()} onOpen={props.view.open} />
        <Popover label="More" role="menu" align="end" trigger={<Ellipsis size={16} />}>
          {(close) => (
            <>
              <PopoverItem
                icon={<Download size={15} />}
                onClick={() => {
                  close();
                  props.onExport();
                }}
              >
                Export all of them as CSV
              </PopoverItem>
              <PopoverItem
                icon={now().isTrash ? <List size={15} /> : <Trash size={15} />}
                onClick={() => {
                  close();
                  props.view.change({ isTrash: !now().isTrash, by: "" });
                }}
              >
                {now().isTrash ? "Back to the runs" : "Trash"}
              </PopoverItem>
            </>
          )}
        </Popover>
      </div>
    </div>
  );
}
