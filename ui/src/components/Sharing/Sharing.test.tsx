import { fireEvent, render, screen, waitFor } from "@solidjs/testing-library";
import { createSignal } from "solid-js";
import { expect, test } from "vitest";
import { setAccess } from "~/api/access";
import { Toaster } from "../toast/Toaster";
import { Sharing, type Visibility } from "./Sharing";

function asUser(id: string, role: "admin" | "member" | "viewer"): void {
  const user = { id, email: "a@b.c", name: "A", role, created_at: "2026-01-01T00:00:00Z" };
  const expires_at = new Date(Date.now() + 900_000).toISOString();
  setAccess({ token: "t", expires_at, user: { ...user, mfa_enabled: false, has_password: true } });
}

function show(): () => Visibility {
  const [visibility, setVisibility] = createSignal<Visibility>("private");
  render(() => (
    <>
      <Sharing
        noun="run"
        owner="ada"
        visibility={visibility()}
        onChange={async (next) => setVisibility(next)}
      />
      <Toaster />
    </>
  ));
  return visibility;
}

test("its owner shares an object, and takes that back", async () => {
  asUser("ada", "member");
  const visibility = show();

  fireEvent.click(screen.getByRole("button", { name: "Private" }));
  await waitFor(() => expect(visibility()).toBe("team"));
  fireEvent.click(await screen.findByRole("button", { name: "Undo" }));

  await waitFor(() => expect(visibility()).toBe("private"));
});

test.each([
  ["bob", "member"],
  ["ada", "viewer"],
] as const)("%s, a %s, only reads who sees it", (id, role) => {
  asUser(id, role);
  show();

  expect(screen.queryByRole("button", { name: "Private" })).toBeNull();
  expect(screen.getByText(/Private/)).toBeTruthy();
});
