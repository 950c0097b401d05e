import { createMemoryHistory, MemoryRouter, Route } from "@solidjs/router";
import { render, screen } from "@solidjs/testing-library";
import { createSignal, type JSX, Show } from "solid-js";
import { beforeEach, expect, test, vi } from "vitest";
import { dismissToast, shownToasts, takeAction } from "~/components/toast/toast";
import type { PlacedChart } from "./arranged";
import { arrangementText } from "./arrangement";
import { keptArrangement } from "./kept-arrangement";
import { type Arranging, useArrangement } from "./use-arrangement";

const history = { value: createMemoryHistory() };
let arranging: Arranging;
const [project, setProject] = createSignal("digits");
const [isShown, setShown] = createSignal(true);

function Charts(): JSX.Element {
  arranging = useArrangement(project);
  return <output>{arrangementText(arranging.now())}</output>;
}

function open(search: string): void {
  history.value = createMemoryHistory();
  history.value.set({ value: `/run${search}` });
  render(() => (
    <MemoryRouter history={history.value}>
      <Route path="/list" component={() => <p>elsewhere</p>} />
      <Route
        path="/run"
        component={() => (
          <Show when={isShown()}>
            <Charts />
          </Show>
        )}
      />
    </MemoryRouter>
  ));
}

function chart(title: string): PlacedChart {
  return { id: title, title, names: [title], isMade: false, isPinned: false };
}

function address(): string | null {
  return new URL(history.value.get(), "http://here").searchParams.get("charts");
}

async function settled(text: string): Promise<void> {
  await vi.waitFor(() => {
    expect(screen.getByRole("status").textContent).toBe(text);
    expect(address() ?? "").toBe(text);
  });
}

beforeEach(() => {
  localStorage.clear();
  setProject("digits");
  setShown(true);
  for (const { id } of shownToasts()) dismissToast(id);
});

test("what is arranged stands in the address and is kept for the project", async () => {
  open("");

  arranging.pin(chart("loss"), true);
  arranging.pin(chart("lr"), true);
  arranging.hide(chart("epoch_s"));

  await settled("p~loss~lr;h~epoch_s");
  expect(keptArrangement("digits")).toBe("p~loss~lr;h~epoch_s");
});

test("what was kept comes back, without what makes no sense in it", async () => {
  localStorage.setItem("axonml.charts.1.digits", "p~loss;m~~;{}");

  open("?tab=charts");

  await settled("p~loss");
  expect(arranging.isOfLink()).toBe(false);
});

test("a link's arrangement may be changed, and is kept only when somebody says so", async () => {
  localStorage.setItem("axonml.charts.1.digits", "p~loss");
  open("?charts=p~lr");
  expect(arranging.isOfLink()).toBe(true);

  arranging.pin(chart("accuracy"), true);
  await settled("p~lr~accuracy");
  expect(keptArrangement("digits")).toBe("p~loss");

  arranging.keepLink();
  expect(keptArrangement("digits")).toBe("p~lr~accuracy");
  expect(arranging.isOfLink()).toBe(false);
});

test("a link's arrangement is left for what was kept", async () => {
  localStorage.setItem("axonml.charts.1.digits", "p~loss");
  open("?charts=p~lr");

  arranging.leaveLink();

  await settled("p~loss");
  expect(arranging.isOfLink()).toBe(false);
});

test("another tab's change is taken over", async () => {
  open("?charts=p~loss");
  arranging.keepLink();

  localStorage.setItem("axonml.charts.1.digits", "p~lr");
  window.dispatchEvent(new StorageEvent("storage", { key: "axonml.charts.1.digits" }));

  await settled("p~lr");
  expect(arranging.isOfLink()).toBe(false);
});

test("an undo keeps what was changed meanwhile", async () => {
  open("");
  arranging.hide(chart("loss"));
  arranging.pin(chart("lr"), true);

  takeAction(shownToasts()[0]?.id ?? 0);

  await settled("p~lr");
  expect(keptArrangement("digits")).toBe("p~lr");
});

test("an undo after the page has gone is kept, and leaves another page's address alone", async () => {
  open("");
  arranging.pin(chart("lr"), true);
  arranging.hide(chart("loss"));
  await settled("p~lr;h~loss");
  history.value.set({ value: "/list" });
  await screen.findByText("elsewhere");

  takeAction(shownToasts()[0]?.id ?? 0);

  // The router would have written by then.
  await new Promise((resolve) => {
    setTimeout(resolve);
  });
  expect(keptArrangement("digits")).toBe("p~lr");
  expect(history.value.get()).toBe("/list");
});

test("an undo on another tab of the run is in its address when the charts come back", async () => {
  open("");
  arranging.hide(chart("loss"));
  await settled("h~loss");
  setShown(false);

  takeAction(shownToasts()[0]?.id ?? 0);
  setShown(true);

  await settled("");
  expect(arranging.isOfLink()).toBe(false);
});

test("an undo reaches the project it was meant for", async () => {
  open("");
  arranging.pin(chart("lr"), true);
  arranging.hide(chart("loss"));
  await settled("p~lr;h~loss");
  history.value.set({ value: "/run" });
  setProject("vision");
  await settled("");
  arranging.hide(chart("loss"));
  await settled("h~loss");

  takeAction(shownToasts()[0]?.id ?? 0);

  expect(keptArrangement("digits")).toBe("p~lr");
  expect(keptArrangement("vision")).toBe("h~loss");
});

test("the layout as at first leaves the charts that were drawn by hand", async () => {
  open("?charts=p~loss;h~lr;m~hand:1~Both~loss~lr");

  arranging.reset();
  await settled("m~hand:1~Both~loss~lr");
  expect(arranging.isArranged()).toBe(false);
  takeAction(shownToasts()[0]?.id ?? 0);

  await settled("p~loss;h~lr;m~hand:1~Both~loss~lr");
});
