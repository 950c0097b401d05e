import { fireEvent, render, screen } from "@solidjs/testing-library";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { Toaster } from "./Toaster";
import { deleteWithUndo, dismissToast, shownToasts, toast } from "./toast";

beforeEach(() => {
  vi.useFakeTimers();
});

afterEach(() => {
  for (const shown of shownToasts()) dismissToast(shown.id);
  vi.useRealTimers();
});

function aDelete() {
  return {
    message: "Run brave-owl is deleted",
    hide: vi.fn<() => void>(),
    restore: vi.fn<() => void>(),
    commit: vi.fn<() => Promise<unknown>>().mockResolvedValue(undefined),
  };
}

test("a notice goes by itself; an error interrupts a screen reader", () => {
  render(() => <Toaster />);

  toast("Saved", { kind: "success" });
  toast("The disk is full", { kind: "error" });
  expect(screen.getByRole("status").textContent).toContain("Saved");
  expect(screen.getByRole("alert").textContent).toContain("The disk is full");
  vi.advanceTimersByTime(10_000);

  expect(shownToasts()).toEqual([]);
});

test("a delete is sent only when the time to undo it is over", async () => {
  const wanted = aDelete();

  deleteWithUndo(wanted);
  expect(wanted.hide).toHaveBeenCalledOnce();
  expect(wanted.commit).not.toHaveBeenCalled();
  await vi.advanceTimersByTimeAsync(6_500);

  expect(wanted.commit).toHaveBeenCalledOnce();
  expect(wanted.restore).not.toHaveBeenCalled();
});

test("an undone delete is never sent", async () => {
  const wanted = aDelete();
  render(() => <Toaster />);

  deleteWithUndo(wanted);
  fireEvent.click(screen.getByRole("button", { name: "Undo" }));
  await vi.advanceTimersByTimeAsync(20_000);
  window.dispatchEvent(new Event("pagehide"));

  expect(wanted.restore).toHaveBeenCalledOnce();
  expect(wanted.commit).not.toHaveBeenCalled();
});

test("a notice waits while it is pointed at, and the delete with it", async () => {
  const wanted = aDelete();
  render(() => <Toaster />);

  deleteWithUndo(wanted);
  fireEvent.pointerEnter(screen.getByRole("status"));
  await vi.advanceTimersByTimeAsync(60_000);
  expect(wanted.commit).not.toHaveBeenCalled();
  fireEvent.pointerLeave(screen.getByRole("status"));
  await vi.advanceTimersByTimeAsync(7_000);

  expect(wanted.commit).toHaveBeenCalledOnce();
});

test("many notices push the oldest out, and a delete among them is sent", async () => {
  const wanted = aDelete();

  deleteWithUndo(wanted);
  for (const word of ["a", "b", "c", "d"]) toast(word);
  await vi.advanceTimersByTimeAsync(0);

  expect(shownToasts().map((shown) => shown.message)).toEqual(["a", "b", "c", "d"]);
  expect(wanted.commit).toHaveBeenCalledOnce();
});

test("a page that leaves sends the delete first, and once", async () => {
  const wanted = aDelete();

  deleteWithUndo(wanted);
  window.dispatchEvent(new Event("pagehide"));
  await vi.advanceTimersByTimeAsync(20_000);

  expect(wanted.commit).toHaveBeenCalledOnce();
});

test("a refused delete puts the thing back and says why", async () => {
  const wanted = aDelete();
  wanted.commit.mockRejectedValue(new Error("An endpoint serves this version."));

  deleteWithUndo(wanted);
  await vi.advanceTimersByTimeAsync(6_500);

  expect(wanted.restore).toHaveBeenCalledOnce();
  expect(shownToasts().map((shown) => shown.message)).toEqual(["An endpoint serves this version."]);
});
