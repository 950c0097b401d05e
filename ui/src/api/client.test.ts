import { beforeEach, expect, test, vi } from "vitest";
import { accessToken, setAccess } from "./access";
import { api, unwrap } from "./client";
import { Problem } from "./problem";
import { isReachable } from "./reachable";
import type { SignedIn } from "./types";

type Handler = (request: Request) => Response | Promise<Response>;

const RUN = "/api/training/runs/{run_id}" as const;
const PATH = { params: { path: { run_id: "01J" } } };

function signedIn(token: string, lastsMs = 900_000): SignedIn {
  return {
    token,
    expires_at: new Date(Date.now() + lastsMs).toISOString(),
    user: {
      id: "u1",
      email: "ada@example.org",
      name: "Ada",
      role: "member",
      mfa_enabled: false,
      has_password: true,
      created_at: "2026-01-01T00:00:00Z",
    },
  };
}

function json(body: unknown, status = 200, headers: Record<string, string> = {}): Response {
  const type = status < 400 ? "application/json" : "application/problem+json";
  return Response.json(body, { status, headers: { "content-type": type, ...headers } });
}

function refused(code = "unauthenticated"): Response {
  return json({ status: 401, code, title: "Sign in first", detail: "Sign in first." }, 401);
}

/** A server of the given answers by path; returns what it was asked. */
function serve(answers: Record<string, Handler>): Request[] {
  const asked: Request[] = [];
  vi.stubGlobal("fetch", async (input: RequestInfo | URL, init?: RequestInit) => {
    const request = new Request(input, init);
    asked.push(request);
    const handler = answers[new URL(request.url).pathname];
    if (!handler) throw new TypeError("connection refused");
    return handler(request);
  });
  return asked;
}

beforeEach(() => setAccess(null));

test("a call carries the access token and no cookie", async () => {
  setAccess(signedIn("t1"));
  const asked = serve({ "/api/training/runs/01J": () => json({ id: "01J" }) });

  const run = await unwrap(api.GET(RUN, PATH));

  expect(run.id).toBe("01J");
  expect(asked[0]?.headers.get("authorization")).toBe("Bearer t1");
  expect(asked[0]?.credentials).toBe("omit");
});

test("only the auth routes get the refresh cookie", async () => {
  const asked = serve({ "/api/auth/state": () => json({ has_users: true }) });

  await unwrap(api.GET("/api/auth/state"));

  expect(asked[0]?.credentials).toBe("include");
});

test("a refused token is renewed once and the call repeated with its body", async () => {
  setAccess(signedIn("old"));
  const bodies: unknown[] = [];
  const asked = serve({
    "/api/training/runs": async (request) => {
      bodies.push(await request.json());
      return request.headers.get("authorization") === "Bearer new" ? json({ id: "x" }) : refused();
    },
    "/api/auth/refresh": () => json(signedIn("new")),
  });

  await unwrap(api.POST("/api/training/runs", { body: { name: "first" } }));

  expect(asked.map((request) => new URL(request.url).pathname)).toEqual([
    "/api/training/runs",
    "/api/auth/refresh",
    "/api/training/runs",
  ]);
  expect(bodies).toEqual([{ name: "first" }, { name: "first" }]);
  expect(accessToken()).toBe("new");
});

test("many calls with a dying token share one renewal", async () => {
  setAccess(signedIn("dying", 1_000));
  const asked = serve({
    "/api/training/runs/01J": () => json({ id: "01J" }),
    "/api/auth/refresh": () => json(signedIn("new")),
  });

  await Promise.all([1, 2, 3].map(() => unwrap(api.GET(RUN, PATH))));

  expect(asked.filter((request) => request.url.endsWith("/api/auth/refresh"))).toHaveLength(1);
  expect(asked.at(-1)?.headers.get("authorization")).toBe("Bearer new");
});

test("a refused renewal signs out and the first refusal is told", async () => {
  setAccess(signedIn("old"));
  serve({
    "/api/training/runs/01J": () => refused("session_ended"),
    "/api/auth/refresh": () => refused(),
  });

  const failure = await unwrap(api.GET(RUN, PATH)).catch((error: unknown) => error);

  expect(failure).toBeInstanceOf(Problem);
  expect((failure as Problem).code).toBe("session_ended");
  expect(accessToken()).toBeNull();
});

test("a wrong password is no reason to renew", async () => {
  setAccess(signedIn("t1"));
  const asked = serve({ "/api/auth/login": () => refused("wrong_password") });

  const body = { email: "a@b", password: "x" };
  const failure = await unwrap(api.POST("/api/auth/login", { body })).catch((e: unknown) => e);

  expect((failure as Problem).code).toBe("wrong_password");
  expect(asked).toHaveLength(1);
});

test("a problem document becomes its sentence, its fields and its waiting time", async () => {
  const document = {
    type: "about:blank",
    title: "A field is wrong",
    status: 422,
    detail: "The name is empty.",
    code: "invalid",
    request_id: "r-1",
    fields: [{ path: "$.name", message: "at least one character" }],
  };
  serve({ "/api/training/runs": () => json(document, 422, { "retry-after": "7" }) });

  const call = unwrap(api.POST("/api/training/runs", { body: { name: "" } }));
  const problem = (await call.catch((error: unknown) => error)) as Problem;

  expect(problem.message).toBe("The name is empty.");
  expect(problem.requestId).toBe("r-1");
  expect(problem.fieldMessage("name")).toBe("at least one character");
  expect(problem.retryAfterS).toBe(7);
});

test("an answer without a problem document still gives a sentence", async () => {
  serve({ "/api/training/runs/01J": () => new Response("<h1>bad gateway</h1>", { status: 502 }) });

  const failure = await unwrap(api.GET(RUN, PATH)).catch((error: unknown) => error);

  expect((failure as Problem).status).toBe(502);
  expect((failure as Problem).message).toMatch(/server failed/);
});

test("a server that is away is told apart from a refusal, and its return is noticed", async () => {
  serve({});
  const failure = await unwrap(api.GET(RUN, PATH)).catch((error: unknown) => error);

  expect((failure as Problem).code).toBe("unreachable");
  expect(isReachable()).toBe(false);

  serve({ "/api/training/runs/01J": () => json({ id: "01J" }) });
  await unwrap(api.GET(RUN, PATH));

  expect(isReachable()).toBe(true);
});
