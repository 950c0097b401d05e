import Ellipsis from "lucide-solid/icons/ellipsis";
import FileDown from "lucide-solid/icons/file-down";
import ImageDown from "lucide-solid/icons/image-down";
import Maximize2 from "lucide-solid/icons/maximize-2";
import Table2 from "lucide-solid/icons/table-2";
import type { JSX } from "solid-js";
import { Menu, MenuItem } from "~/components/Menu/Menu";
import type { FileKind } from "./panel-files";

export interface PanelMenuProps {
  title: string;
  isTable: boolean;
  onEnlarge: () => void;
  onTable: () => void;
  onSave: (kind: FileKind) => void;
}

/** What can be done with a chart. */
export function PanelMenu(props: PanelMenuProps): JSX.Element {
  return (
    <Menu label={`${props.title}: more`} trigger={<Ellipsis size={16} />}>
      <MenuItem icon={<Maximize2 size={16} />} onSelect={props.onEnlarge}>
        Enlarge
      </MenuItem>
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
