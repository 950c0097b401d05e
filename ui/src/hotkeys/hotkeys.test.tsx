import { render } from "@solidjs/testing-library";
import { createSignal, Show, Suspense, useTransition } from "solid-js";
import { afterEach, beforeEach, expect, test } from "vitest";
import { activeHotkeys, onHotkey, useHotkeys } from "./hotkeys";

let done: string[] = [];

function Page(props: { keys: string[] }) {
  useHotkeys(
    props.keys.map((keys) => ({ keys, description: keys, run: () => void done.push(keys) })),
  );
  return <input aria-label="Name" />;
}

function press(key: string, options: KeyboardEventInit = {}, target: EventTarget = document.body) {
  const event = new KeyboardEvent("keydown", { key, bubbles: true, cancelable: true, ...options });
  target.dispatchEvent(event);
}

beforeEach(() => {
  done = [];
  document.addEventListener("keydown", onHotkey);
});

afterEach(() => document.removeEventListener("keydown", onHotkey));

test("keys after each other make one shortcut, which wins over a shorter one", () => {
  render(() => <Page keys={["g t", "t"]} />);

  press("g");
  press("t");
  press("t");

  expect(done).toEqual(["g t", "t"]);
});

test("letters belong to whoever is writing; chords do not", () => {
  const { getByLabelText } = render(() => <Page keys={["x", "mod+k"]} />);
  const input = getByLabelText("Name");

  press("x", {}, input);
  press("k", { ctrlKey: true }, input);

  expect(done).toEqual(["mod+k"]);
});

test("nothing happens under an open dialog", () => {
  render(() => <Page keys={["x"]} />);
  const dialog = document.createElement("dialog");
  dialog.setAttribute("open", "");
  document.body.append(dialog);

  press("x");
  dialog.remove();
  press("x");

  expect(done).toEqual(["x"]);
});

test("a page's shortcuts go with it", () => {
  const { unmount } = render(() => <Page keys={["x"]} />);
  expect(activeHotkeys()).toHaveLength(1);

  unmount();
  press("x");

  expect(activeHotkeys()).toEqual([]);
  expect(done).toEqual([]);
});

test("what left the page in a transition, as a route does, is gone", async () => {
  const [shown, setShown] = createSignal("a");
  const [, start] = useTransition();
  render(() => (
    <Suspense>
      <Show when={shown()} keyed>
        {(keys) => <Page keys={[keys]} />}
      </Show>
    </Suspense>
  ));

  await start(() => setShown("b"));

  expect(activeHotkeys().map((one) => one.keys)).toEqual(["b"]);
});
