import ArrowLeft from "lucide-solid/icons/arrow-left";
import ArrowRight from "lucide-solid/icons/arrow-right";
import ChartLine from "lucide-solid/icons/chart-line";
import Ellipsis from "lucide-solid/icons/ellipsis";
import EyeOff from "lucide-solid/icons/eye-off";
import FileDown from "lucide-solid/icons/file-down";
import ImageDown from "lucide-solid/icons/image-down";
import Maximize2 from "lucide-solid/icons/maximize-2";
import Minimize2 from "lucide-solid/icons/minimize-2";
import Pencil from "lucide-solid/icons/pencil";
import Table2 from "lucide-solid/icons/table-2";
import Trash from "lucide-solid/icons/trash";
import { type JSX, Show } from "solid-js";
import { Menu, MenuItem } from "~/components/Menu/Menu";
import styles from "./charts.module.css";
import type { FileKind } from "./panel-files";
import type { PanelPlace } from "./PanelHead";

export interface PanelMenuProps {
  title: string;
  isTable: boolean;
  isFull: boolean;
  place: PanelPlace | undefined;
  onFull: () => void;
  onTable: () => void;
  onSave: (kind: FileKind) => void;
}

/** What can be done with a chart. */
export function PanelMenu(props: PanelMenuProps): JSX.Element {
  return (
    <Menu label={`${props.title}: more`} trigger={<Ellipsis size={16} />}>
      <MenuItem
        icon={props.isFull ? <Minimize2 size={16} /> : <Maximize2 size={16} />}
        onSelect={props.onFull}
      >
        {props.isFull ? "Leave full screen" : "Full screen"}
      </MenuItem>
      {/* What moves a chart says so in a notice, and full screen shows none. */}
      <Show when={!props.isFull && props.place}>{(place) => <Moves place={place()} />}</Show>
      <MenuItem icon={<Table2 size={16} />} onSelect={props.onTable}>
        {props.isTable ? "Show the chart" : "Show as a table"}
      </MenuItem>
      <MenuItem icon={<ImageDown size={16} />} onSelect={() => props.onSave("PNG")}>
        Save as PNG
      </MenuItem>
      <MenuItem icon={<ImageDown size={16} />} onSelect={() => props.onSave("SVG")}>
        Save as SVG
      </MenuItem>
      <MenuItem icon={<FileDown size={16} />} onSelect={() => props.onSave("CSV")}>
        Save as CSV
      </MenuItem>
    </Menu>
  );
}

function Moves(props: { place: PanelPlace }): JSX.Element {
  return (
    <>
      <hr class={styles.rule} />
      <Show when={props.place.place > 0}>
        <MenuItem
          icon={<ArrowLeft size={16} />}
          onSelect={() => props.place.onMove(props.place.place - 1)}
        >
          Move earlier
        </MenuItem>
      </Show>
      <Show when={props.place.place < props.place.count - 1}>
        <MenuItem
          icon={<ArrowRight size={16} />}
          onSelect={() => props.place.onMove(props.place.place + 1)}
        >
          Move later
        </MenuItem>
      </Show>
      <MenuItem icon={<EyeOff size={16} />} onSelect={props.place.onHide}>
        Hide
      </MenuItem>
      <Show
        when={props.place.isMade}
        fallback={
          <MenuItem icon={<ChartLine size={16} />} onSelect={props.place.onCopy}>
            New chart from this
          </MenuItem>
        }
      >
        <MenuItem icon={<Pencil size={16} />} onSelect={props.place.onEdit}>
          Edit
        </MenuItem>
        <MenuItem icon={<Trash size={16} />} onSelect={props.place.onDelete}>
          Delete
        </MenuItem>
      </Show>
      <hr class={styles.rule} />
    </>
  );
}
