import type { ProblemBody } from "./types";

/** A failed call, as the server's problem document says it; `detail` is a sentence for people. */
export class Problem extends Error {
  readonly status: number;
  readonly code: string;
  readonly title: string;
  readonly detail: string;
  readonly requestId: string | undefined;
  readonly fields: { path: string; message: string }[];
  readonly retryAfterS: number | undefined;
  /** Where in a text that was sent the fault is, in characters; only some problems have one. */
  readonly spot: { position: number; length: number } | undefined;

  constructor(
    body: Partial<ProblemBody> & { status: number; position?: unknown; length?: unknown },
    retryAfterS?: number,
  ) {
    const detail = body.detail ?? body.title ?? sentenceOf(body.status);
    super(detail);
    this.name = "Problem";
    this.status = body.status;
    this.code = body.code ?? "unknown";
    this.title = body.title ?? "The call failed";
    this.detail = detail;
    this.requestId = body.request_id;
    this.fields = body.fields ?? [];
    this.retryAfterS = retryAfterS;
    const { position, length } = body;
    if (typeof position === "number") {
      this.spot = { position, length: typeof length === "number" ? length : 1 };
    }
  }

  /** What is wrong with a field of the body, by its last name: `fieldMessage("email")`. */
  fieldMessage(name: string): string | undefined {
    return this.fields.find((field) => field.path.replace(/^\$\.?/, "") === name)?.message;
  }
}

/** The server could not be reached at all. */
export function unreachable(): Problem {
  return new Problem({
    status: 0,
    code: "unreachable",
    title: "The server does not answer",
    detail: "The server does not answer. Is it running? `axon status` tells.",
  });
}

/** Read the problem out of a failed answer; any other body becomes a plain sentence. */
export async function problemOf(response: Response): Promise<Problem> {
  const retry = Number(response.headers.get("retry-after"));
  const retryAfterS = Number.isFinite(retry) && retry > 0 ? retry : undefined;
  let body: Partial<ProblemBody> = {};
  if ((response.headers.get("content-type") ?? "").includes("json")) {
    try {
      body = (await response.clone().json()) as Partial<ProblemBody>;
    } catch {
      // A cut-off body: the status alone must do.
    }
  }
  return new Problem({ ...body, status: response.status }, retryAfterS);
}

function sentenceOf(status: number): string {
  if (status === 413) return "That is too large for the server.";
  if (status === 429) return "Too many attempts; wait a little.";
  if (status >= 500) return "The server failed at this; its log says why (`axon logs --backend`).";
  return `The server refused this (${status}).`;
}
