import { createSignal } from "solid-js";
import type { Model } from "~/api/types";
import { deleteWithUndo } from "~/components/toast/toast";
import { deleteModel, refreshModels } from "../queries";

const [hidden, setHidden] = createSignal<ReadonlySet<string>>(new Set());

/** Models that are deleted on the page while their Undo still shows. */
export const hiddenModels = hidden;

/** Delete a model with its versions; until the undo time ends it is only hidden. */
export function deleteModelSoon(model: Pick<Model, "id" | "name">): void {
  deleteWithUndo({
    message: `“${model.name}” is deleted with its versions.`,
    hide: () => setHidden((shown) => new Set([...shown, model.id])),
    restore: () => setHidden((shown) => new Set([...shown].filter((id) => id !== model.id))),
    commit: async () => {
      try {
        await deleteModel(model.id);
      } finally {
        await refreshModels();
      }
    },
  });
}
