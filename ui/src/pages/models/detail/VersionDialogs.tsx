import { type JSX, Show } from "solid-js";
import type { Model, ModelVersion } from "~/api/types";
import { AliasDialog } from "../parts/AliasDialog";
import { DeleteVersion } from "./DeleteVersion";
import { DeployDialog } from "./DeployDialog";

export type Ask = "deploy" | "alias" | "delete";

/** The dialogs about a version: one set of them, however many versions there are. */
export function VersionDialogs(props: {
  model: Model;
  versions: readonly ModelVersion[];
  asked: { version: ModelVersion; what: Ask } | null;
  onClose: () => void;
  onDeleted?: () => void;
}): JSX.Element {
  const is = (what: Ask): boolean => props.asked?.what === what;
  return (
    <>
      <Show when={props.asked?.version}>
        {(version) => (
          <>
            <DeployDialog
              model={props.model}
              version={version()}
              open={is("deploy")}
              onClose={props.onClose}
            />
            <DeleteVersion
              model={props.model}
              version={version()}
              open={is("delete")}
              onClose={props.onClose}
              {...(props.onDeleted ? { onDeleted: props.onDeleted } : {})}
            />
          </>
        )}
      </Show>
      <AliasDialog
        model={props.model}
        versions={props.versions.map((one) => one.version)}
        wanted={
          is("alias") && props.asked ? { version: props.asked.version.version, alias: "" } : null
        }
        onClose={props.onClose}
      />
    </>
  );
}
