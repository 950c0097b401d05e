import { Problem } from "~/api/problem";

// Chromium holds a few hundred requests of a page that leaves; below that, all are still sent.
const AT_ONCE = 50;
const LONGEST_WAIT_S = 60;

/**
 * Call the server for each id, many at once; goes on after a limit (429) when its time is over.
 * Every id is tried; then the first refusal is thrown.
 */
export async function eachOf(
  ids: readonly string[],
  call: (id: string) => Promise<unknown>,
): Promise<void> {
  const waiting = [...ids];
  const refusals: unknown[] = [];
  const work = async (): Promise<void> => {
    for (let id = waiting.shift(); id !== undefined; id = waiting.shift()) {
      try {
        await patiently(id, call);
      } catch (error) {
        refusals.push(error);
      }
    }
  };
  await Promise.all(Array.from({ length: Math.min(AT_ONCE, ids.length) }, work));
  if (refusals.length > 0) throw refusals[0];
}

async function patiently(id: string, call: (id: string) => Promise<unknown>): Promise<void> {
  for (;;) {
    try {
      await call(id);
      return;
    } catch (error) {
      const waitS =
        error instanceof Problem && error.status === 429 ? error.retryAfterS : undefined;
      if (waitS === undefined || waitS > LONGEST_WAIT_S) throw error;
      await new Promise((resolve) => {
        setTimeout(resolve, waitS * 1000);
      });
    }
  }
}
