import { fireEvent, render, screen, waitFor } from "@solidjs/testing-library";
import { createSignal } from "solid-js";
import { expect, test, vi } from "vitest";
import { Button } from "./Button/Button";
import { bytesText } from "./Bytes/Bytes";
import { CodeBlock } from "./CopyField/CopyField";
import { EmptyState } from "./EmptyState/EmptyState";
import { ErrorNotice, messageOf } from "./ErrorNotice/ErrorNotice";
import { Field, TextInput } from "./Field/Field";
import { Menu, MenuItem } from "./Menu/Menu";
import { Sparkline } from "./Sparkline/Sparkline";
import { pathOf } from "./Sparkline/path";
import { ProgressBar } from "./ProgressBar/ProgressBar";
import { StatusChip } from "./StatusChip/StatusChip";
import { Tabs } from "./Tabs/Tabs";
import { durationText, relativeTime } from "./Time/Time";

test("a busy button says so and takes no second press", () => {
  const press = vi.fn<() => void>();
  render(() => (
    <Button busy onClick={press}>
      Save
    </Button>
  ));

  const button = screen.getByRole("button", { name: "Save" });
  fireEvent.click(button);

  expect(button.getAttribute("aria-busy")).toBe("true");
  expect(press).not.toHaveBeenCalled();
});

test("a field ties its label, hint and error to the control", () => {
  const [error, setError] = createSignal<string>();
  render(() => (
    <Field label="Name" hint="As others see it" error={error()}>
      <TextInput />
    </Field>
  ));
  const control = screen.getByLabelText("Name");
  expect(control.getAttribute("aria-invalid")).toBeNull();

  setError("At least one character");

  const described = (control.getAttribute("aria-describedby") ?? "").split(" ");
  const words = described.map((id) => document.getElementById(id)?.textContent);
  expect(words).toEqual(["As others see it", "At least one character"]);
  expect(control.getAttribute("aria-invalid")).toBe("true");
});

test("tabs move by the arrow keys and wrap around", () => {
  const [value, setValue] = createSignal("a");
  const items = ["a", "b", "c"].map((name) => ({ value: name, label: name.toUpperCase() }));
  render(() => (
    <Tabs value={value()} onChange={setValue} items={items} label="Parts">
      <p>panel {value()}</p>
    </Tabs>
  ));

  fireEvent.keyDown(screen.getByRole("tab", { name: "A" }), { key: "ArrowLeft" });
  expect(value()).toBe("c");
  fireEvent.keyDown(screen.getByRole("tab", { name: "C" }), { key: "ArrowRight" });

  expect(value()).toBe("a");
  expect(screen.getByRole("tabpanel").textContent).toBe("panel a");
  expect(screen.getByRole("tab", { selected: true }).textContent).toBe("A");
});

test("the panel of a tab is built once", () => {
  let built = 0;
  const Panel = () => {
    built += 1;
    return <p>panel</p>;
  };
  const items = [{ value: "a", label: "A" }];

  render(() => (
    <Tabs value="a" onChange={() => {}} items={items}>
      <Panel />
    </Tabs>
  ));

  expect(built).toBe(1);
});

test("a menu opens on its first item, moves by arrows and closes on Escape", async () => {
  const chosen: string[] = [];
  render(() => (
    <Menu label="Theme" trigger="T">
      <MenuItem onSelect={() => chosen.push("light")}>Light</MenuItem>
      <MenuItem onSelect={() => chosen.push("dark")}>Dark</MenuItem>
    </Menu>
  ));
  const trigger = screen.getByRole("button", { name: "Theme" });

  fireEvent.click(trigger);
  await waitFor(() => expect(document.activeElement?.textContent).toBe("Light"));
  fireEvent.keyDown(screen.getByRole("menu"), { key: "ArrowDown" });
  expect(document.activeElement?.textContent).toBe("Dark");
  fireEvent.click(screen.getByRole("menuitem", { name: "Dark" }));
  expect(chosen).toEqual(["dark"]);
  expect(screen.queryByRole("menu")).toBeNull();

  fireEvent.click(trigger);
  fireEvent.keyDown(screen.getByRole("menu"), { key: "Escape" });
  expect(screen.queryByRole("menu")).toBeNull();
  expect(document.activeElement).toBe(trigger);
});

test("an empty place shows the command that fills it, ready to copy", async () => {
  const writeText = vi.fn<(text: string) => Promise<void>>().mockResolvedValue();
  vi.stubGlobal("navigator", { ...navigator, clipboard: { writeText } });
  render(() => <EmptyState title="No runs" command="axon demo" />);

  fireEvent.click(screen.getByRole("button", { name: /copy/i }));

  await waitFor(() => expect(screen.getByRole("status").textContent).toBe("Copied"));
  expect(writeText).toHaveBeenCalledWith("axon demo");
});

test("code that scrolls can be reached by the keyboard", () => {
  render(() => <CodeBlock text="import axonml" label="Snippet" />);

  expect(screen.getByRole("group", { name: "Snippet" }).tabIndex).toBe(0);
});

test("a failure shows its sentence, its request and a way to try again", () => {
  const retry = vi.fn<() => void>();
  const error = Object.assign(new Error("The disk is full."), { requestId: "r-7" });
  render(() => <ErrorNotice error={error} onRetry={retry} />);

  expect(screen.getByRole("alert").textContent).toContain("The disk is full.");
  expect(screen.getByRole("alert").textContent).toContain("r-7");
  fireEvent.click(screen.getByRole("button", { name: "Try again" }));
  expect(retry).toHaveBeenCalledOnce();
});

test.each([
  ["the current password is wrong", "The current password is wrong."],
  ["too many attempts; wait a little", "Too many attempts; wait a little."],
  ["axon.db cannot be read", "axon.db cannot be read."],
  ["Is it running? `axon status` tells.", "Is it running? `axon status` tells."],
])("the server's %j reads as a sentence", (detail, sentence) => {
  expect(messageOf(new Error(detail))).toBe(sentence);
});

test("a state that this page does not know is still shown", () => {
  render(() => <StatusChip status="hibernating" />);

  expect(screen.getByText("hibernating")).toBeTruthy();
});

test("a sparkline leaves a gap where a run logged NaN", () => {
  expect(pathOf([0, 1, Number.NaN, 1, 0]).match(/M/g)).toHaveLength(2);
});

test("a sparkline of less than two values draws nothing", () => {
  expect(pathOf([])).toBe("");
  expect(pathOf([Number.NaN, 3])).toBe("");
  render(() => <Sparkline values={[1]} label="loss" />);
  expect(screen.queryByRole("img")).toBeNull();
});

test("a constant sparkline lies in the middle", () => {
  expect(pathOf([5, 5])).toBe("M0.0 16.0L120.0 16.0");
});

test.each([
  [0, "0 B"],
  [1023, "1023 B"],
  [1536, "1.5 KiB"],
  [1_474_560, "1.4 MiB"],
  [400 * 1024 ** 3, "400 GiB"],
])("%d bytes read as %s", (value, text) => {
  expect(bytesText(value)).toBe(text);
});

test.each([
  [0.44, "0.4 s"],
  [59.4, "59 s"],
  [65, "1 min 05 s"],
  [3_725, "1 h 02 min"],
  [200_000, "2 d 7 h"],
])("%d seconds read as %s", (seconds, text) => {
  expect(durationText(seconds)).toBe(text);
});

test.each([
  [-3_000, "now"],
  [-40_000, "40 seconds ago"],
  [-125_000, "2 minutes ago"],
  [-3 * 3_600_000, "3 hours ago"],
  [-30 * 3_600_000, "yesterday"],
  [-30 * 86_400_000, "Dec 2, 2025"],
])("%d ms away reads as %s", (offset, text) => {
  const reference = Date.parse("2026-01-01T12:00:00Z");

  expect(relativeTime(reference + offset, reference)).toBe(text);
});

test("a progress bar that knows no share only says that work goes on", () => {
  const [value, setValue] = createSignal<number | undefined>(0.5);
  render(() => <ProgressBar label="Upload" value={value()} />);
  const bar = () => screen.getByRole<HTMLProgressElement>("progressbar", { name: "Upload" });
  expect(bar().value).toBe(0.5);

  setValue(undefined);

  expect(bar().position).toBe(-1);
});
