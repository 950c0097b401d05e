import { beforeEach, expect, test, vi } from "vitest";
import { setAccess } from "~/api/access";
import { queryClient } from "~/api/query-client";
import { useSession } from "./session";

const ADA = { id: "u1", email: "ada@example.org", name: "Ada", role: "admin" };
const BOB = { id: "u2", email: "bob@example.org", name: "Bob", role: "member" };

function signedIn(user: object): Response {
  const expires_at = new Date(Date.now() + 900_000).toISOString();
  return Response.json({ token: "t", expires_at, user });
}

function problem(status: number, detail: string): Response {
  return Response.json({ status, code: "no", detail }, { status });
}

function serve(answers: Record<string, () => Response>): string[] {
  const asked: string[] = [];
  vi.stubGlobal("fetch", async (input: RequestInfo | URL, init?: RequestInit) => {
    const path = new URL(new Request(input, init).url).pathname;
    asked.push(path);
    const answer = answers[path];
    if (!answer) throw new TypeError("connection refused");
    return answer();
  });
  return asked;
}

const session = useSession();

beforeEach(() => {
  setAccess(null);
  localStorage.clear();
});

test("a first visit asks nothing and is signed out", async () => {
  const asked = serve({});

  await session.resume();

  expect(session.state()).toBe("signed-out");
  expect(asked).toEqual([]);
});

test("a browser that was signed in comes back by its cookie", async () => {
  localStorage.setItem("axonml.signed_in", "1");
  serve({ "/api/auth/refresh": () => signedIn(ADA) });

  await session.resume();

  expect(session.state()).toBe("signed-in");
  expect(session.user()?.name).toBe("Ada");
  expect(session.token()).toBe("t");
});

test("a cookie that is over leads to the sign-in, and is not tried again", async () => {
  localStorage.setItem("axonml.signed_in", "1");
  serve({ "/api/auth/refresh": () => problem(401, "over") });

  await session.resume();

  expect(session.state()).toBe("signed-out");
  expect(localStorage.getItem("axonml.signed_in")).toBeNull();
});

test("a server that is away at the start is asked again and signs nobody out", async () => {
  vi.useFakeTimers();
  localStorage.setItem("axonml.signed_in", "1");
  const answers: Record<string, () => Response> = {};
  const asked = serve(answers);

  const resumed = session.resume();
  await vi.advanceTimersByTimeAsync(2_100);
  expect(asked.length).toBeGreaterThan(1);
  answers["/api/auth/refresh"] = () => signedIn(ADA);
  await vi.advanceTimersByTimeAsync(2_100);
  await resumed;
  vi.useRealTimers();

  expect(session.state()).toBe("signed-in");
});

test("signing in by a one-time link needs no password", async () => {
  serve({ "/api/auth/link": () => signedIn(ADA) });

  await session.signInByLink("once");

  expect(session.user()?.email).toBe("ada@example.org");
});

test("a wrong password is told in the server's words and signs nobody in", async () => {
  serve({ "/api/auth/login": () => problem(401, "E-mail or password is wrong.") });

  const failed = session.signIn("ada@example.org", "nope");

  await expect(failed).rejects.toThrow("E-mail or password is wrong.");
  expect(session.state()).toBe("signed-out");
});

test("a new account is signed in at once", async () => {
  const asked = serve({
    "/api/auth/register": () => Response.json({ user: ADA }, { status: 201 }),
    "/api/auth/login": () => signedIn(ADA),
  });

  await session.register({ email: ADA.email, name: "Ada", password: "long enough" });

  expect(asked).toEqual(["/api/auth/register", "/api/auth/login"]);
  expect(session.state()).toBe("signed-in");
});

test("signing out forgets the user even when the server is away", async () => {
  serve({ "/api/auth/login": () => signedIn(ADA) });
  await session.signIn("ada@example.org", "right");

  await session.signOut().catch(() => undefined);

  expect(session.state()).toBe("signed-out");
  expect(session.token()).toBeNull();
});

test("what one person loaded is gone when another signs in", async () => {
  serve({ "/api/auth/login": () => signedIn(ADA) });
  await session.signIn("ada@example.org", "right");
  queryClient.setQueryData(["training", "runs"], { items: ["Ada's private run"] });

  serve({ "/api/auth/login": () => signedIn(BOB) });
  await session.signIn("bob@example.org", "right");

  expect(queryClient.getQueryData(["training", "runs"])).toBeUndefined();
});
