import { createMemoryHistory, MemoryRouter, Route } from "@solidjs/router";
import { fireEvent, render, screen, waitFor, within } from "@solidjs/testing-library";
import { QueryClientProvider } from "@tanstack/solid-query";
import { beforeEach, expect, test, vi } from "vitest";
import { queryClient } from "~/api/query-client";
import { aModel, asUser, aVersion, fakeRegistry, refusal } from "../parts/server.fixture";
import ModelPage from "./page";

let server = fakeRegistry();

function show(address: string): void {
  const history = createMemoryHistory();
  history.set({ value: address });
  render(() => (
    <QueryClientProvider client={queryClient}>
      <MemoryRouter history={history}>
        <Route path="/models/:id" component={ModelPage} />
        <Route path="*" component={() => <p>elsewhere</p>} />
      </MemoryRouter>
    </QueryClientProvider>
  ));
}

beforeEach(() => {
  server = fakeRegistry();
  server.models = [aModel("digits", { aliases: { champion: 1 } })];
  server.versions = [aVersion(1)];
  queryClient.clear();
  asUser("ada", "member");
  HTMLDialogElement.prototype.showModal = function showModal(): void {
    this.open = true;
  };
  HTMLDialogElement.prototype.close = function close(): void {
    this.open = false;
  };
  vi.stubGlobal("fetch", (request: Request) => server.fetch(request));
});

test("whoever may only look is offered nothing to change", async () => {
  asUser("eve", "viewer");
  show("/models/id-digits?version=1");
  await screen.findByRole("heading", { name: "digits v1" });

  const buttons = screen.getAllByRole("button").map((one) => one.textContent?.trim());
  expect(buttons).toContain("Download");
  expect(buttons).not.toContain("Deploy");
  expect(buttons).not.toContain("Set alias");
  expect(screen.queryByRole("button", { name: "Delete v1" })).toBeNull();
  expect(screen.queryByRole("button", { name: "Remove alias champion" })).toBeNull();
});

test("a version is found by its alias", async () => {
  show("/models/id-digits?version=champion");

  expect(await screen.findByRole("heading", { name: "digits v1" })).toBeTruthy();
});

test("a file that could run code is told of, calmly and with what was found", async () => {
  const scan = { can_run_code: true, findings: ["calls os.system"] };
  const reason = "not servable: a pickle; export it to ONNX";
  server.versions = [aVersion(1, { format: "pickle", servable: false, reason, scan })];
  show("/models/id-digits?version=1");

  const note = await screen.findByRole("note", { name: "What the scan found" });
  expect(note.textContent).toContain("calls os.system");
  expect(screen.getByText(/a pickle; export it to ONNX/)).toBeTruthy();
  expect(screen.queryByRole("button", { name: "Deploy" })).toBeNull();
});

test("a deploy that fails says why, and can be tried again", async () => {
  server.answers["POST /api/models/id-digits/versions/1/deploy"] = () =>
    refusal(503, "start_failed", "the model does not load: bad opset");
  show("/models/id-digits?version=1");
  fireEvent.click(await screen.findByRole("button", { name: "Deploy" }));
  const dialog = within(await screen.findByRole("dialog"));

  fireEvent.input(dialog.getByLabelText("Replicas"), { target: { value: "2" } });
  fireEvent.submit(dialog.getByLabelText("Endpoint"));

  expect(await dialog.findByText("The model does not load: bad opset.")).toBeTruthy();
  expect(dialog.getByLabelText<HTMLInputElement>("Endpoint").value).toBe("digits");
  const sent = server.asked.find((one) => one.url.pathname.endsWith("/deploy"));
  expect(JSON.parse(sent?.body ?? "")).toEqual({ name: "digits", replicas: 2 });
});

test("a version that nobody approved is not deployed", async () => {
  server.models = [aModel("digits", { requires_approval: true })];
  show("/models/id-digits?version=1");
  expect(await screen.findByText("Administrators approve versions; ask one.")).toBeTruthy();

  fireEvent.click(screen.getByRole("button", { name: "Deploy" }));

  const dialog = within(await screen.findByRole("dialog"));
  await waitFor(() =>
    expect(dialog.getByRole<HTMLButtonElement>("button", { name: "Deploy" }).disabled).toBe(true),
  );
});

test("an unreachable model is told in the server's words", async () => {
  show("/models/id-other");

  expect(await screen.findByText("No /api/models/id-other.")).toBeTruthy();
});
