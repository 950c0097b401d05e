import type { SavedView } from "~/api/types";
import { fireEvent, render, screen, waitFor } from "@solidjs/testing-library";
import { QueryClientProvider } from "@tanstack/solid-query";
import { beforeEach, expect, test, vi } from "vitest";
import { queryClient } from "~/api/query-client";
import { ViewsMenu } from "./ViewsMenu";

vi.mock("~/session/session", () => ({ useSession: () => ({ user: () => ({ id: "u1" }) }) }));

const OWN: SavedView = {
  id: "v1",
  user_id: "u1",
  name: "Best of vision",
  path: "/training",
  query: "sort=metrics.loss",
  visibility: "private",
  created_at: "2026-01-01T00:00:00Z",
  updated_at: "2026-01-01T00:00:00Z",
};
const SHARED: SavedView = { ...OWN, id: "v2", user_id: "u2", name: "Nightly", query: "q=night" };
const COMPARED: SavedView = {
  ...OWN,
  id: "v3",
  name: "Of another page",
  path: "/training?compare",
};

const asked: [string, string, unknown][] = [];
const opened = vi.fn<(search: string) => void>();

beforeEach(() => {
  asked.length = 0;
  opened.mockReset();
  queryClient.clear();
  HTMLDialogElement.prototype.showModal = function showModal(): void {
    this.open = true;
  };
  HTMLDialogElement.prototype.close = function close(): void {
    this.open = false;
  };
  vi.stubGlobal("fetch", async (request: Request) => {
    const body: unknown = request.method === "GET" ? null : await request.text();
    asked.push([request.method, new URL(request.url).pathname, body && JSON.parse(String(body))]);
    if (request.method === "GET") return Response.json({ items: [OWN, SHARED, COMPARED] });
    return Response.json(OWN);
  });
  render(() => (
    <QueryClientProvider client={queryClient}>
      <ViewsMenu path="/training" search="sort=name" onOpen={opened} />
    </QueryClientProvider>
  ));
});

async function openMenu(): Promise<void> {
  fireEvent.click(screen.getByRole("button", { name: "Saved views" }));
  await screen.findByText("Best of vision");
}

const lastChange = () => asked.findLast(([method]) => method !== "GET");

test("a view brings its address back; those of other pages are not offered", async () => {
  await openMenu();

  expect(screen.queryByText("Of another page")).toBeNull();
  fireEvent.click(screen.getByRole("button", { name: "Best of vision" }));

  expect(opened).toHaveBeenCalledWith("sort=metrics.loss");
});

test("what is shown is saved under a name", async () => {
  await openMenu();

  fireEvent.click(screen.getByRole("button", { name: "Save what is shown" }));
  fireEvent.input(screen.getByLabelText("Name"), { target: { value: " By name " } });
  fireEvent.submit(screen.getByLabelText("Name"));

  await waitFor(() =>
    expect(lastChange()).toEqual([
      "POST",
      "/api/training/views",
      { name: "By name", query: "sort=name", visibility: "private", path: "/training" },
    ]),
  );
});

test("only one's own views are shared, renamed and deleted", async () => {
  await openMenu();

  expect(screen.queryByRole("button", { name: "Delete Nightly" })).toBeNull();
  fireEvent.click(screen.getByRole("button", { name: "Share Best of vision" }));
  await waitFor(() =>
    expect(lastChange()).toEqual(["PATCH", "/api/training/views/v1", { visibility: "team" }]),
  );
  fireEvent.click(screen.getByRole("button", { name: "Delete Best of vision" }));
  await waitFor(() =>
    expect(lastChange()?.slice(0, 2)).toEqual(["DELETE", "/api/training/views/v1"]),
  );
});
