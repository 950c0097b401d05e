import Bookmark from "lucide-solid/icons/bookmark";
import Download from "lucide-solid/icons/download";
import Ellipsis from "lucide-solid/icons/ellipsis";
import Rocket from "lucide-solid/icons/rocket";
import Trash from "lucide-solid/icons/trash";
import { createSignal, type JSX, Show } from "solid-js";
import type { Model, ModelVersion } from "~/api/types";
import { Popover, PopoverItem } from "~/components/Popover/Popover";
import { attempt } from "../parts/act";
import { AliasDialog } from "../parts/AliasDialog";
import { download } from "../parts/download";
import { mayWrite } from "../parts/rights";
import { DeleteVersion } from "./DeleteVersion";
import { DeployDialog } from "./DeployDialog";

type Ask = "deploy" | "alias" | "delete";

/** What can be done with a version, from its row. */
export function VersionMenu(props: {
  model: Model;
  version: ModelVersion;
  versions: readonly ModelVersion[];
}): JSX.Element {
  const [asks, setAsks] = createSignal<Ask | null>(null);
  const stop = (): void => void setAsks(null);
  const isMine = (): boolean => mayWrite(props.model.user_id);
  const item = (icon: JSX.Element, words: string, run: () => void, isOff = false): JSX.Element => (
    <PopoverItem icon={icon} disabled={isOff} onClick={run}>
      {words}
    </PopoverItem>
  );
  return (
    <>
      <Popover
        label={`Actions for v${props.version.version}`}
        role="menu"
        align="end"
        trigger={<Ellipsis size={16} />}
      >
        {(close) => {
          const ask = (what: Ask): void => {
            close();
            setAsks(what);
          };
          return (
            <>
              <Show when={isMine()}>
                {item(<Rocket size={15} />, "Deploy", () => ask("deploy"), !props.version.servable)}
              </Show>
              {item(<Download size={15} />, "Download", () => {
                close();
                void attempt(download(props.model.id, props.version.version));
              })}
              <Show when={isMine()}>
                {item(<Bookmark size={15} />, "Set an alias", () => ask("alias"))}
                {item(<Trash size={15} />, "Delete", () => ask("delete"))}
              </Show>
            </>
          );
        }}
      </Popover>
      <DeployDialog {...props} open={asks() === "deploy"} onClose={stop} />
      <AliasDialog
        model={props.model}
        versions={props.versions.map((one) => one.version)}
        wanted={asks() === "alias" ? { version: props.version.version, alias: "" } : null}
        onClose={stop}
      />
      <DeleteVersion {...props} open={asks() === "delete"} onClose={stop} />
    </>
  );
}
