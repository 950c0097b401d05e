/** Step-up: some changes ask once more who is there; the change then goes on by itself. */
import { createSignal } from "solid-js";
import { Problem } from "~/api/problem";

interface Asking {
  done: (isProved: boolean) => void;
}

const [asking, setAsking] = createSignal<Asking | null>(null);

/** Whether the dialog that asks for a proof is open. */
export const isAskingForProof = (): boolean => asking() !== null;

/** End the dialog: the proof was given, or not. */
export function endProof(isProved: boolean): void {
  asking()?.done(isProved);
  setAsking(null);
}

/** Run `work`; where the server first wants a proof, ask for it and run `work` again. */
export async function withProof<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof Problem) || error.code !== "reauth_required") throw error;
    const isProved = await new Promise<boolean>((done) => setAsking({ done }));
    if (!isProved) throw error;
    return work();
  }
}
