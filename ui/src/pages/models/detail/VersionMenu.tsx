import Bookmark from "lucide-solid/icons/bookmark";
import Download from "lucide-solid/icons/download";
import Ellipsis from "lucide-solid/icons/ellipsis";
import Rocket from "lucide-solid/icons/rocket";
import Trash from "lucide-solid/icons/trash";
import { type JSX, Show } from "solid-js";
import type { ModelVersion } from "~/api/types";
import { Popover, PopoverItem } from "~/components/Popover/Popover";
import { attempt } from "../parts/act";
import { download } from "../parts/download";
import type { Ask } from "./VersionDialogs";

/** What can be done with a version, from its row. */
export function VersionMenu(props: {
  version: ModelVersion;
  isMine: boolean;
  onAsk: (what: Ask) => void;
}): JSX.Element {
  return (
    <Popover
      label={`Actions for v${props.version.version}`}
      role="menu"
      align="end"
      trigger={<Ellipsis size={16} />}
    >
      {(close) => {
        const ask = (what: Ask): void => {
          close();
          props.onAsk(what);
        };
        return (
          <>
            <Show when={props.isMine}>
              <PopoverItem
                icon={<Rocket size={15} />}
                disabled={!props.version.servable}
                onClick={() => ask("deploy")}
              >
                Deploy
              </PopoverItem>
            </Show>
            <PopoverItem
              icon={<Download size={15} />}
              onClick={() => {
                close();
                void attempt(download(props.version.model_id, props.version.version));
              }}
            >
              Download
            </PopoverItem>
            <Show when={props.isMine}>
              <PopoverItem icon={<Bookmark size={15} />} onClick={() => ask("alias")}>
                Set an alias
              </PopoverItem>
              <PopoverItem icon={<Trash size={15} />} onClick={() => ask("delete")}>
                Delete
              </PopoverItem>
            </Show>
          </>
        );
      }}
    </Popover>
  );
}
