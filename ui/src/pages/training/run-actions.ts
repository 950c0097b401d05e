import { createSignal } from "solid-js";
import { api, unwrap } from "~/api/client";
import { Problem } from "~/api/problem";
import { queryClient } from "~/api/query-client";
import type { Run, RunStatus } from "~/api/types";
import { messageOf } from "~/components/ErrorNotice/ErrorNotice";
import { deleteWithUndo, toast } from "~/components/toast/toast";
import { eachOf } from "./each";
import { runKey, runsKey } from "./keys";

const ACTIVE: ReadonlySet<RunStatus> = new Set(["queued", "starting", "running", "stopping"]);

/** Whether a run may still log. */
export function isActive(run: Pick<Run, "status">): boolean {
  return ACTIVE.has(run.status);
}

const [hidden, setHidden] = createSignal<ReadonlySet<string>>(new Set());

/** Runs that are deleted on the page while their Undo still shows. */
export const hiddenRuns = hidden;

/** Delete runs; until the undo time ends they are only hidden. */
export function deleteRuns(runs: readonly Pick<Run, "id" | "name">[]): void {
  const ids = runs.map((run) => run.id);
  const [only] = runs;
  if (!only) return;
  const what =
    runs.length === 1 ? `“${only.name}” is deleted.` : `${runs.length} runs are deleted.`;
  deleteWithUndo({
    message: what,
    hide: () => setHidden((shown) => new Set([...shown, ...ids])),
    restore: () => setHidden((shown) => new Set([...shown].filter((id) => !ids.includes(id)))),
    commit: async () => {
      try {
        await eachOf(ids, deleteRun);
      } finally {
        await queryClient.invalidateQueries({ queryKey: runsKey });
      }
    },
  });
}

async function deleteRun(id: string): Promise<void> {
  try {
    await unwrap(api.DELETE("/api/training/runs/{run_id}", { params: { path: { run_id: id } } }));
  } catch (error) {
    // Gone already: deleted elsewhere, or by an answer that was lost.
    if (!(error instanceof Problem && error.status === 404)) throw error;
  }
}

/** Ask runs to stop; a run that was asked before is ended without its script's answer. */
export async function stopRuns(ids: readonly string[]): Promise<void> {
  try {
    await eachOf(ids, async (id) => {
      const run = await unwrap(
        api.POST("/api/training/runs/{run_id}/stop", { params: { path: { run_id: id } } }),
      );
      queryClient.setQueryData(runKey(id), run);
    });
    toast(
      ids.length === 1 ? "The run was asked to stop." : `${ids.length} runs were asked to stop.`,
    );
  } catch (error) {
    toast(messageOf(error), { kind: "error" });
  } finally {
    await queryClient.invalidateQueries({ queryKey: runsKey });
  }
}
