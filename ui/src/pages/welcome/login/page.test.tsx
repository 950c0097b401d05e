import { MemoryRouter, Route } from "@solidjs/router";
import { fireEvent, render, screen, waitFor } from "@solidjs/testing-library";
import { QueryClientProvider } from "@tanstack/solid-query";
import { beforeEach, expect, test, vi } from "vitest";
import { setAccess } from "~/api/access";
import { queryClient } from "~/api/query-client";
import LoginPage, { safePath } from "./page";

const ADA = { id: "u1", email: "ada@example.org", name: "Ada", role: "admin" };

interface State {
  has_users?: boolean;
  needs_setup_token?: boolean;
  registration?: string;
}

type Answer = (body: Record<string, unknown>) => Response;

function signedIn(): Response {
  const expires_at = new Date(Date.now() + 900_000).toISOString();
  return Response.json({ token: "t", expires_at, user: ADA });
}

/** A server in the given state; returns what it was sent, by path. */
function serve(state: State, answers: Record<string, Answer> = {}): [string, unknown][] {
  const sent: [string, unknown][] = [];
  vi.stubGlobal("fetch", async (input: RequestInfo | URL, init?: RequestInit) => {
    const request = new Request(input, init);
    const path = new URL(request.url).pathname;
    if (path === "/api/auth/state") {
      const known = { has_users: true, needs_setup_token: false, registration: "open" };
      return Response.json({ ...known, version: "1.0", ...state });
    }
    const body = (await request.json()) as Record<string, unknown>;
    sent.push([path, body]);
    const answer = answers[path];
    if (!answer) throw new TypeError("connection refused");
    return answer(body);
  });
  return sent;
}

function open(): void {
  render(() => (
    <QueryClientProvider client={queryClient}>
      <MemoryRouter>
        <Route path="/dashboard" component={() => <p>the dashboard</p>} />
        <Route path="*" component={LoginPage} />
      </MemoryRouter>
    </QueryClientProvider>
  ));
}

async function fill(label: string, text: string): Promise<void> {
  fireEvent.input(await screen.findByLabelText(label), { target: { value: text } });
}

function submit(): void {
  const button = document.querySelector<HTMLButtonElement>("button[type=submit]");
  if (button?.form) fireEvent.submit(button.form);
}

beforeEach(() => {
  setAccess(null);
  queryClient.clear();
  localStorage.clear();
  history.replaceState(null, "", "/login");
});

test("signing in leads to the dashboard", async () => {
  const sent = serve({}, { "/api/auth/login": signedIn });
  open();

  await fill("E-mail", " ada@example.org ");
  await fill("Password", "correct horse");
  submit();

  expect(await screen.findByText("the dashboard")).toBeTruthy();
  expect(sent).toEqual([
    ["/api/auth/login", { email: "ada@example.org", password: "correct horse" }],
  ]);
});

test("a fresh server asks for its first account", async () => {
  const sent = serve(
    { has_users: false, needs_setup_token: true },
    {
      "/api/auth/register": () => Response.json({ user: ADA }, { status: 201 }),
      "/api/auth/login": signedIn,
    },
  );
  open();

  expect(await screen.findByRole("heading", { name: "Make the first account" })).toBeTruthy();
  await fill("Name", "Ada");
  await fill("E-mail", "ada@example.org");
  await fill("Password", "correct horse");
  await fill("Set-up token", "from-the-terminal");
  submit();

  expect(await screen.findByText("the dashboard")).toBeTruthy();
  expect(sent[0]?.[1]).toEqual({
    email: "ada@example.org",
    name: "Ada",
    password: "correct horse",
    setup_token: "from-the-terminal",
  });
});

test("a closed server offers no new account", async () => {
  serve({ registration: "closed" });
  open();

  expect(await screen.findByText(/by invitation/)).toBeTruthy();
  expect(screen.queryByText(/Make an account/)).toBeNull();
});

test("too many attempts count down until the button works again", async () => {
  const detail = "Too many attempts.";
  serve(
    {},
    {
      "/api/auth/login": () =>
        Response.json(
          { status: 429, code: "too_many_requests", detail },
          { status: 429, headers: { "retry-after": "2" } },
        ),
    },
  );
  open();
  await fill("E-mail", "ada@example.org");
  await fill("Password", "guess");
  submit();

  const waiting = await screen.findByRole("button", { name: "Wait 2 s" });
  expect((waiting as HTMLButtonElement).disabled).toBe(true);
  expect(screen.getByRole("alert").textContent).toContain(detail);
  await waitFor(() => expect(screen.getByRole("button", { name: "Sign in" })).toBeTruthy(), {
    timeout: 4_000,
  });
});

test("a one-time link signs in, and its token leaves the address bar first", async () => {
  history.replaceState(null, "", "/login#link=once%2B1");
  const hashes: string[] = [];
  const sent = serve(
    {},
    {
      "/api/auth/link": () => {
        hashes.push(location.hash);
        return signedIn();
      },
    },
  );
  open();

  expect(await screen.findByText("the dashboard")).toBeTruthy();
  expect(sent).toEqual([["/api/auth/link", { token: "once+1" }]]);
  expect(hashes).toEqual([""]);
});

test("a spent link says so above the form", async () => {
  history.replaceState(null, "", "/login#link=spent");
  const detail = "This link was used already.";
  serve({}, { "/api/auth/link": () => Response.json({ status: 401, detail }, { status: 401 }) });
  open();

  expect((await screen.findByRole("alert")).textContent).toBe(detail);
  expect(screen.getByLabelText("Password")).toBeTruthy();
});

test.each([
  ["/training?q=a", "/training?q=a"],
  ["//evil.example", "/dashboard"],
  ["/\\evil.example", "/dashboard"],
  ["https://evil.example", "/dashboard"],
  [undefined, "/dashboard"],
])("after signing in %s leads to %s", (wanted, path) => {
  expect(safePath(wanted)).toBe(path);
});
