import { render, screen } from "@solidjs/testing-library";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { queryClient } from "~/api/query-client";
import { reportReachable } from "~/api/reachable";
import { ReconnectBanner } from "./ReconnectBanner";

beforeEach(() => {
  vi.useFakeTimers();
});

afterEach(() => {
  reportReachable(true);
  vi.useRealTimers();
});

test("a server that is away is asked for until it is back; then the page freshens", async () => {
  let isUp = false;
  const ask = vi.fn<() => Promise<Response>>(async () => {
    if (!isUp) throw new TypeError("connection refused");
    return Response.json({});
  });
  vi.stubGlobal("fetch", ask);
  const freshen = vi.spyOn(queryClient, "invalidateQueries");
  render(() => <ReconnectBanner />);
  expect(screen.getByRole("status").textContent).toBe("");

  reportReachable(false);
  expect(screen.getByRole("status").textContent).toContain("does not answer");
  await vi.advanceTimersByTimeAsync(3_100);
  expect(ask).toHaveBeenCalledOnce();
  expect(freshen).not.toHaveBeenCalled();
  isUp = true;
  await vi.advanceTimersByTimeAsync(3_100);

  expect(screen.getByRole("status").textContent).toBe("");
  expect(freshen).toHaveBeenCalledOnce();
  await vi.advanceTimersByTimeAsync(10_000);
  expect(ask).toHaveBeenCalledTimes(2);
});
