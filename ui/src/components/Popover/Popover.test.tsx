import { fireEvent, render, screen } from "@solidjs/testing-library";
import { expect, test, vi } from "vitest";
import { Popover, PopoverItem } from "./Popover";

const chosen = vi.fn<() => void>();

function show(): HTMLElement {
  render(() => (
    <Popover label="More" role="menu" trigger={<span>…</span>}>
      {(close) => (
        <>
          <PopoverItem onClick={close}>First</PopoverItem>
          <PopoverItem onClick={chosen}>Second</PopoverItem>
        </>
      )}
    </Popover>
  ));
  return screen.getByRole("button", { name: "More" });
}

test("arrows move through a menu, Escape closes it and gives the focus back", () => {
  const button = show();
  fireEvent.click(button);
  const menu = screen.getByRole("menu", { name: "More" });

  expect(document.activeElement?.textContent).toBe("First");
  fireEvent.keyDown(menu, { key: "ArrowDown" });
  expect(document.activeElement?.textContent).toBe("Second");
  fireEvent.keyDown(menu, { key: "Escape" });

  expect(screen.queryByRole("menu")).toBeNull();
  expect(document.activeElement).toBe(button);
});

test("a press elsewhere closes it", () => {
  fireEvent.click(show());

  fireEvent.pointerDown(document.body);

  expect(screen.queryByRole("menu")).toBeNull();
});

test("an item closes the menu where it wants to", () => {
  fireEvent.click(show());

  fireEvent.click(screen.getByRole("menuitem", { name: "Second" }));
  expect(screen.queryByRole("menu")).not.toBeNull();
  fireEvent.click(screen.getByRole("menuitem", { name: "First" }));

  expect(chosen).toHaveBeenCalledOnce();
  expect(screen.queryByRole("menu")).toBeNull();
});
