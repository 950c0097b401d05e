import { useQuery } from "@tanstack/solid-query";
import { fetchApi } from "~/api/client";
import { queryClient } from "~/api/query-client";
import { messageOf } from "~/components/ErrorNotice/message";
import { toast } from "~/components/toast/toast";
import type { SavedView } from "./contract";

const viewsKey = ["training", "views"] as const;
const PATH = "/training";

/** The saved views of the list: one's own, and those that others share. */
export function useSavedViews() {
  return useQuery(() => ({
    queryKey: viewsKey,
    queryFn: async () => {
      const answer = await fetchApi("/api/training/views");
      const { items } = (await answer.json()) as { items: SavedView[] };
      return items.filter((view) => view.path === PATH);
    },
  }));
}

async function tell(method: string, path: string, body?: object): Promise<boolean> {
  try {
    await fetchApi(path, {
      method,
      headers: { "content-type": "application/json" },
      ...(body && { body: JSON.stringify(body) }),
    });
    return true;
  } catch (error) {
    toast(messageOf(error), { kind: "error" });
    return false;
  } finally {
    await queryClient.invalidateQueries({ queryKey: viewsKey });
  }
}

export interface NewView {
  name: string;
  query: string;
  visibility: SavedView["visibility"];
}

export async function saveView(view: NewView): Promise<void> {
  const isSaved = await tell("POST", "/api/training/views", { ...view, path: PATH });
  if (isSaved) toast(`“${view.name}” is saved.`, { kind: "success" });
}

export function changeView(id: string, change: Partial<NewView>): Promise<boolean> {
  return tell("PATCH", `/api/training/views/${id}`, change);
}

/** Delete a view; Undo saves it again. */
export async function deleteView(view: SavedView): Promise<void> {
  if (!(await tell("DELETE", `/api/training/views/${view.id}`))) return;
  const { name, query, visibility } = view;
  toast(`The view “${name}” is deleted.`, {
    action: { label: "Undo", run: () => void saveView({ name, query, visibility }) },
  });
}
