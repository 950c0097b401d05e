import { createSignal } from "solid-js";
import { messageOf } from "~/components/ErrorNotice/message";
import { toast } from "~/components/toast/toast";

export interface Act {
  isBusy: () => boolean;
  /** What the server said when it refused; null before and after. */
  problem: () => unknown;
  /** Do the work, then what follows from it; a refusal is kept and not thrown. */
  run: (work: () => Promise<unknown>, then?: () => void) => Promise<void>;
  reset: () => void;
}

/** One thing that a dialog does: whether it is under way, and how it was refused. */
export function createAct(): Act {
  const [isBusy, setBusy] = createSignal(false);
  const [problem, setProblem] = createSignal<unknown>(null);
  return {
    isBusy,
    problem,
    reset: () => setProblem(null),
    run: async (work, then) => {
      setBusy(true);
      setProblem(null);
      try {
        await work();
        then?.();
      } catch (error) {
        setProblem(error);
      } finally {
        setBusy(false);
      }
    },
  };
}

/** Do something whose refusal is told in a toast; tells whether it was done. */
export async function attempt(work: Promise<unknown>): Promise<boolean> {
  try {
    await work;
    return true;
  } catch (error) {
    toast(messageOf(error), { kind: "error" });
    return false;
  }
}
