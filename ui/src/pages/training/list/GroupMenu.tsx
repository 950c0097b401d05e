import GroupIcon from "lucide-solid/icons/group";
import { createMemo, type JSX } from "solid-js";
import { columnOf, isGroupable } from "./columns";
import type { KnownColumns } from "./known";
import { PickMenu } from "./PickMenu";

export interface GroupMenuProps {
  by: string;
  known: KnownColumns;
  onChange: (by: string) => void;
}

/** What the runs are grouped by: any config key, tag, or one of their own fields. */
export function GroupMenu(props: GroupMenuProps): JSX.Element {
  const label = (): string => columnOf(props.by)?.label ?? props.by;
  const picks = createMemo(() =>
    [...props.known.own, ...props.known.config, ...props.known.tags]
      .filter((one) => isGroupable(one.key))
      .map(({ key, nRuns }) => ({
        value: key,
        label: key.includes(".") ? key : (columnOf(key)?.label ?? key),
        nRuns,
      })),
  );
  return (
    <PickMenu
      label={props.by ? `Grouped by ${label()}` : "Group"}
      trigger={
        <>
          <GroupIcon size={15} /> <span>{props.by ? `By ${label()}` : "Group"}</span>
        </>
      }
      picks={picks()}
      chosen={props.by}
      none="No groups"
      onPick={props.onChange}
    />
  );
}
