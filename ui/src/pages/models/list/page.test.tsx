import { MemoryRouter, Route } from "@solidjs/router";
import { fireEvent, render, screen, waitFor } from "@solidjs/testing-library";
import { QueryClientProvider } from "@tanstack/solid-query";
import { beforeEach, expect, test, vi } from "vitest";
import { queryClient } from "~/api/query-client";
import { shownToasts } from "~/components/toast/toast";
import { Toaster } from "~/components/toast/Toaster";
import { aModel, asUser, fakeRegistry, refusal } from "../parts/server.fixture";
import { deleteModelSoon } from "./delete";
import ModelsPage from "./page";

let server = fakeRegistry();

function show(): void {
  render(() => (
    <QueryClientProvider client={queryClient}>
      <MemoryRouter
        root={(props) => (
          <>
            {props.children}
            <Toaster />
          </>
        )}
      >
        <Route path="/" component={ModelsPage} />
      </MemoryRouter>
    </QueryClientProvider>
  ));
}

const listed = (): URLSearchParams | undefined =>
  server.asked.findLast((one) => one.url.pathname === "/api/models")?.url.searchParams;

beforeEach(() => {
  server = fakeRegistry();
  queryClient.clear();
  asUser("ada", "member");
  HTMLDialogElement.prototype.showModal = function showModal(): void {
    this.open = true;
  };
  vi.stubGlobal("fetch", (request: Request) => server.fetch(request));
});

test("without models the page says what fills it, from a shell and from a script", async () => {
  show();

  expect(await screen.findByText("No models yet")).toBeTruthy();
  expect(screen.getByText(/axon models push/)).toBeTruthy();
  expect(screen.getByText(/run\.log_model/)).toBeTruthy();
});

test("a model shows its aliases, its size and where it is deployed", async () => {
  const deployed = {
    endpoint_id: "e1",
    name: "digits-live",
    model_id: "id-digits",
    version: 2,
    status: "running",
    latency_p50: null,
    latency_p95: null,
  };
  server.models = [aModel("digits", { aliases: { champion: 2 }, deployed: [deployed] })];
  show();

  const row = (await screen.findByText("champion → v2")).closest("tr");
  expect(row?.textContent).toContain("88 B");
  expect(row?.textContent).toContain("digits-live v2");
  expect(screen.getByText("1 model")).toBeTruthy();
});

test("whoever may only look is offered nothing to make or delete", async () => {
  asUser("eve", "viewer");
  server.models = [aModel("digits")];
  show();
  await screen.findByText("digits");

  expect(screen.queryByRole("button", { name: "Delete digits" })).toBeNull();
  expect(screen.queryByRole("button", { name: "New model" })).toBeNull();
});

test("search, filter and order are asked of the server", async () => {
  server.models = [aModel("digits", { tags: ["vision"] })];
  show();
  await screen.findByText("digits");

  fireEvent.click(screen.getByRole("button", { name: "vision" }));
  fireEvent.click(screen.getByRole("button", { name: "Size" }));
  fireEvent.input(screen.getByRole("searchbox"), { target: { value: "owl" } });

  await waitFor(() => {
    expect(listed()?.getAll("tag")).toEqual(["vision"]);
    expect(listed()?.get("sort")).toBe("-size");
    expect(listed()?.get("q")).toBe("owl");
  });
});

test("a model that an endpoint serves comes back, with the server's words", async () => {
  server.models = [aModel("digits")];
  server.answers["DELETE /api/models/id-digits"] = () =>
    refusal(409, "deployed", "model digits is served by digits-live");
  show();
  await screen.findByText("digits");

  deleteModelSoon(aModel("digits"));
  await waitFor(() => expect(screen.queryByText("digits")).toBeNull());
  for (const toast of shownToasts()) toast.onGone?.();

  expect(await screen.findByText("Model digits is served by digits-live.")).toBeTruthy();
  expect(await screen.findByText("digits")).toBeTruthy();
});
