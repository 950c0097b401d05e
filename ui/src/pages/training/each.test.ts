import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { Problem } from "~/api/problem";
import { eachOf } from "./each";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const ids = (n: number): string[] => Array.from({ length: n }, (_, i) => `r${i}`);

test("a thousand runs are called for once each, some dozens at a time", async () => {
  const called: string[] = [];
  let underWay = 0;
  let most = 0;

  await eachOf(ids(1000), async (id) => {
    underWay += 1;
    most = Math.max(most, underWay);
    await Promise.resolve();
    underWay -= 1;
    called.push(id);
  });

  expect(called.toSorted()).toEqual(ids(1000).toSorted());
  expect(most).toBeLessThanOrEqual(50);
});

test("a call over the limit is made again when the server says so", async () => {
  const call = vi
    .fn<(id: string) => Promise<void>>()
    .mockRejectedValueOnce(new Problem({ status: 429 }, 3))
    .mockResolvedValue();
  const done = eachOf(["r1"], call);

  await vi.advanceTimersByTimeAsync(2_900);
  expect(call).toHaveBeenCalledOnce();
  await vi.advanceTimersByTimeAsync(200);
  await done;

  expect(call).toHaveBeenCalledTimes(2);
});

test("one refusal keeps no other from being done, and is told at the end", async () => {
  const done: string[] = [];
  const refusal = new Problem({ status: 403, detail: "not yours" });

  const all = eachOf(ids(5), async (id) => {
    if (id === "r1") throw refusal;
    done.push(id);
  });

  await expect(all).rejects.toBe(refusal);
  expect(done).toEqual(["r0", "r2", "r3", "r4"]);
});
