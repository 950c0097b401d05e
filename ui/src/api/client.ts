/** The typed client of the API: `await unwrap(api.GET("/api/training/runs"))`. */
import createClient from "openapi-fetch";
import { accessToken, freshToken, renew } from "./access";
import { apiUrl } from "./base";
import { Problem, problemOf, unreachable } from "./problem";
import { reportReachable } from "./reachable";
import type { paths } from "./schema";
import type { ProblemBody } from "./types";

/** Auth routes answer 401 about what was sent, not about the token: no renewal helps there. */
const SIGN_IN = /\/api\/auth\/(login|register|refresh|link|state|logout)$/;

/** Calls the API by path; only the auth routes get the refresh cookie. */
class ApiRequest extends Request {
  constructor(input: RequestInfo | URL, init?: RequestInit) {
    const path = String(input);
    const credentials = path.startsWith("/api/auth/") ? "include" : "omit";
    // A delete whose time to undo was cut short is sent while the page leaves.
    const keepalive = init?.method === "DELETE";
    super(apiUrl(path), { ...init, credentials, keepalive });
  }
}

/**
 * Send a request with the token. A stale token is renewed once and the request repeated.
 * Throws `Problem` when the server does not answer; any answer at all is returned.
 */
export async function send(request: Request): Promise<Response> {
  if (SIGN_IN.test(new URL(request.url).pathname)) return attempt(request, accessToken());
  const spare = request.clone();
  const response = await attempt(request, await freshToken());
  if (response.status !== 401 || accessToken() === null) return response;
  if ((await renew()) instanceof Problem) return response;
  return attempt(spare, accessToken());
}

async function attempt(request: Request, token: string | null): Promise<Response> {
  if (token) request.headers.set("authorization", `Bearer ${token}`);
  try {
    const response = await fetch(request);
    reportReachable(true);
    return response;
  } catch (error) {
    if (request.signal.aborted) throw error;
    reportReachable(false);
    throw unreachable();
  }
}

// Answers in JSON: what comes as CSV or columns is asked for by `fetchApi`.
export const api = createClient<paths, "application/json">({
  baseUrl: "",
  fetch: send,
  Request: ApiRequest,
});

interface Answer<T> {
  data?: T;
  error?: unknown;
  response: Response;
}

/** The data of an answer; throws its `Problem` otherwise. */
export async function unwrap<T>(call: Promise<Answer<T>>): Promise<T> {
  const { data, error, response } = await call;
  if (response.ok) return data as T;
  if (typeof error === "object" && error !== null && "detail" in error) {
    const retry = Number(response.headers.get("retry-after"));
    const body = error as ProblemBody;
    throw new Problem({ ...body, status: response.status }, retry > 0 ? retry : undefined);
  }
  throw await problemOf(response);
}

/** A call outside the typed paths (binary bodies, downloads): the answer, or its `Problem`. */
export async function fetchApi(path: string, init?: RequestInit): Promise<Response> {
  const response = await send(new ApiRequest(path, init));
  if (!response.ok) throw await problemOf(response);
  return response;
}
