import type { BulkAction, BulkAnswer } from "~/api/types";
import { api, unwrap } from "~/api/client";
import { queryClient } from "~/api/query-client";
import { messageOf } from "~/components/ErrorNotice/message";
import { toast } from "~/components/toast/toast";
import { runsKey } from "../keys";

const UNDO_MS = 8_000;

const counted = (count: number): string =>
  count === 1 ? "1 run" : `${count.toLocaleString("en")} runs`;

const SAID: Record<BulkAction["action"], (runs: string, value: string) => string> = {
  stop: (runs) => `${runs} asked to stop.`,
  delete: (runs) => `${runs} moved to the trash.`,
  purge: (runs) => `${runs} deleted for good.`,
  restore: (runs) => `${runs} restored.`,
  tag: (runs, value) => `${runs} tagged ${value}.`,
  untag: (runs, value) => `${runs} without the tag ${value} now.`,
  move: (runs, value) => `${runs} moved to ${value}.`,
  group: (runs, value) => `${runs} put into the group ${value}.`,
};

const BACK: Partial<Record<BulkAction["action"], BulkAction["action"]>> = {
  delete: "restore",
};

/**
 * Do something with many runs at once, say what came of it and read the list anew.
 * What can be taken back, the toast takes back. True when the server did it to any.
 */
export async function actOn(action: BulkAction): Promise<boolean> {
  try {
    const answer = await unwrap(api.POST("/api/training/runs/bulk", { body: action }));
    say(action, answer);
    return answer.done.length > 0;
  } catch (error) {
    toast(messageOf(error), { kind: "error" });
    return false;
  } finally {
    await queryClient.invalidateQueries({ queryKey: runsKey });
  }
}

function say(action: BulkAction, answer: BulkAnswer): void {
  const { done, failed } = answer;
  if (done.length > 0) {
    const back = BACK[action.action];
    const undo = back && {
      label: "Undo",
      run: () => void actOn({ ...action, action: back, runs: done }),
    };
    const message = SAID[action.action](counted(done.length), action.value ?? "");
    toast(message, { duration_ms: UNDO_MS, ...(undo && { action: undo }) });
  }
  const [first] = failed;
  if (first) {
    const others = failed.length > 1 ? ` (and ${failed.length - 1} more)` : "";
    toast(
      `${counted(failed.length)} left as before: ${messageOf(new Error(first.detail))}${others}`,
      {
        kind: "error",
      },
    );
  }
}
