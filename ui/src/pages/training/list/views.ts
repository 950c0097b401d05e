import { useQuery } from "@tanstack/solid-query";
import { api, unwrap } from "~/api/client";
import { queryClient } from "~/api/query-client";
import type { SavedView, SavedViewChange } from "~/api/types";
import { messageOf } from "~/components/ErrorNotice/message";
import { toast } from "~/components/toast/toast";

const viewsKey = ["training", "views"] as const;

/** The pages that have saved views, by the path these are kept under. */
export type ViewPath = "/training" | "/training?compare=";

/** The saved views of a page: one's own, and those that others share. */
export function useSavedViews(path: ViewPath) {
  return useQuery(() => ({
    queryKey: viewsKey,
    queryFn: async () => {
      const { items } = await unwrap(api.GET("/api/training/views"));
      return items.filter((view) => view.path === path);
    },
  }));
}

/** Do it and read the views anew; a refusal is told, and false. */
async function tell(call: () => Promise<unknown>): Promise<boolean> {
  try {
    await call();
    return true;
  } catch (error) {
    toast(messageOf(error), { kind: "error" });
    return false;
  } finally {
    await queryClient.invalidateQueries({ queryKey: viewsKey });
  }
}

export type ViewToSave = Pick<SavedView, "name" | "query" | "visibility" | "path">;

export async function saveView(view: ViewToSave): Promise<void> {
  const body = view;
  const isSaved = await tell(() => unwrap(api.POST("/api/training/views", { body })));
  if (isSaved) toast(`“${view.name}” is saved.`, { kind: "success" });
}

export function changeView(id: string, body: SavedViewChange): Promise<boolean> {
  const params = { path: { view_id: id } };
  return tell(() => unwrap(api.PATCH("/api/training/views/{view_id}", { params, body })));
}

/** Delete a view; Undo saves it again. */
export async function deleteView(view: SavedView): Promise<void> {
  const params = { path: { view_id: view.id } };
  const call = () => unwrap(api.DELETE("/api/training/views/{view_id}", { params }));
  if (!(await tell(call))) return;
  const { name, path, query, visibility } = view;
  toast(`The view “${name}” is deleted.`, {
    action: { label: "Undo", run: () => void saveView({ name, path, query, visibility }) },
  });
}
