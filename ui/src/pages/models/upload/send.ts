/** Sends a model file in parts that may be paused, broken off and taken up again (tus 1.0.0). */
import { type DetailedError, Upload as Tus } from "tus-js-client";
import { freshToken } from "~/api/access";
import { apiUrl } from "~/api/base";
import { api, unwrap } from "~/api/client";
import { Problem, unreachable } from "~/api/problem";
import type { ModelVersion, ProblemBody } from "~/api/types";
import { forget, keyOf, remember, remembered } from "./unfinished";

export interface Progress {
  sent_bytes: number;
  total_bytes: number;
  /** Bytes a second of late; 0 while nothing is known. */
  rate: number;
  state: "sending" | "paused" | "waiting" | "checking";
}

export interface VersionFacts {
  description?: string;
  metrics?: Record<string, number>;
  tags?: string[];
  config?: Record<string, unknown>;
}

export interface Target {
  id: string;
  name: string;
}

const PART_BYTES = 16 * 1024 * 1024;
const RETRY_MS = [500, 1000, 2000, 5000, 10_000, 20_000, 30_000, 30_000, 30_000, 30_000];
const RATE_WINDOW_MS = 5000;
const WAITS = new Set([0, 409, 423, 429, 502, 503, 504]);

/** One upload under way. `done` resolves with the version and rejects with `Problem`. */
export class Sending {
  readonly done: Promise<ModelVersion>;
  private readonly target: Target;
  private readonly file: File;
  private readonly onProgress: (progress: Progress) => void;
  private readonly tus: Tus;
  private readonly key: string;
  private readonly marks: { at: number; sent: number }[] = [];
  private progress: Progress;
  private arrive!: (version: ModelVersion) => void;
  private fail!: (error: unknown) => void;

  constructor(
    target: Target,
    file: File,
    facts: VersionFacts,
    onProgress: (progress: Progress) => void,
  ) {
    this.target = target;
    this.file = file;
    this.onProgress = onProgress;
    this.key = keyOf(target.id, file);
    this.progress = { sent_bytes: 0, total_bytes: file.size, rate: 0, state: "sending" };
    this.done = new Promise((resolve, reject) => {
      this.arrive = resolve;
      this.fail = reject;
    });
    this.tus = new Tus(file, {
      endpoint: absolute(`/api/models/${target.id}/uploads`),
      uploadUrl: remembered(this.key)?.url ?? null,
      metadata: { filename: file.name, metadata: JSON.stringify(facts) },
      chunkSize: PART_BYTES,
      retryDelays: RETRY_MS,
      storeFingerprintForResuming: false,
      onBeforeRequest: async (request) => {
        // Anew for each request: the token of the first one may be gone by the last.
        request.setHeader("authorization", `Bearer ${await freshToken()}`);
      },
      onUploadUrlAvailable: () => this.keep(),
      onProgress: (sent) => this.moved(sent),
      onShouldRetry: (error) => this.waits(error as DetailedError),
      onSuccess: () => {
        forget(this.key);
        this.version().then(this.arrive, this.fail);
      },
      onError: (error) => this.failed(error as DetailedError),
    });
  }

  start(): void {
    this.tell({});
    this.tus.start();
  }

  async pause(): Promise<void> {
    await this.tus.abort();
    this.tell({ state: "paused", rate: 0 });
  }

  resume(): void {
    this.marks.length = 0;
    this.tell({ state: "sending" });
    this.tus.start();
  }

  /** End it; the server forgets what came. */
  async cancel(): Promise<void> {
    forget(this.key);
    await this.tus.abort(this.tus.url !== null);
    this.fail(new DOMException("Cancelled", "AbortError"));
  }

  private keep(): void {
    const { name: filename, size, lastModified: modified } = this.file;
    const { id: model_id, name: model_name } = this.target;
    const url = this.tus.url ?? "";
    remember(this.key, { url, model_id, model_name, filename, size, modified });
  }

  private moved(sent: number): void {
    const now = performance.now();
    this.marks.push({ at: now, sent });
    while (this.marks.length > 2 && now - (this.marks[0]?.at ?? now) > RATE_WINDOW_MS)
      this.marks.shift();
    const first = this.marks[0] ?? { at: now, sent };
    const seconds = (now - first.at) / 1000;
    const rate = seconds > 0.2 ? Math.max(0, (sent - first.sent) / seconds) : this.progress.rate;
    const state = sent >= this.file.size ? "checking" : "sending";
    this.tell({ sent_bytes: sent, rate, state });
  }

  private waits(error: DetailedError): boolean {
    const isPassing = WAITS.has(error.originalResponse?.getStatus() ?? 0);
    if (isPassing) this.tell({ state: "waiting", rate: 0 });
    return isPassing;
  }

  private failed(error: DetailedError): void {
    const problem = problemIn(error);
    // What the server refused is over; what broke off may go on later.
    if (problem.status >= 400 && !WAITS.has(problem.status)) forget(this.key);
    this.fail(problem);
  }

  private async version(): Promise<ModelVersion> {
    const upload_id = this.tus.url?.split("/").pop() ?? "";
    const path = { model_id: this.target.id, upload_id };
    const upload = await unwrap(
      api.GET("/api/models/{model_id}/uploads/{upload_id}", { params: { path } }),
    );
    if (!upload.version) throw new Problem({ status: 404, detail: "The version is not there." });
    return upload.version;
  }

  private tell(change: Partial<Progress>): void {
    this.progress = { ...this.progress, ...change };
    this.onProgress(this.progress);
  }
}

/** Delete an upload that was begun here. */
export async function discard(url: string): Promise<void> {
  const headers = { authorization: `Bearer ${await freshToken()}` };
  await Tus.terminate(url, { headers, retryDelays: null });
}

/** The largest file that the server takes; undefined where it does not say. */
export async function mostBytes(): Promise<number | undefined> {
  const answer = await fetch(absolute("/api/models/any/uploads"), { method: "OPTIONS" });
  const most = Number(answer.headers.get("tus-max-size"));
  return most > 0 ? most : undefined;
}

function absolute(path: string): string {
  return new URL(apiUrl(path), location.href).href;
}

function problemIn(error: DetailedError): Problem {
  const answer = error.originalResponse;
  if (!answer || answer.getStatus() === 0) return unreachable();
  try {
    const body = JSON.parse(answer.getBody()) as Partial<ProblemBody>;
    return new Problem({ ...body, status: answer.getStatus() });
  } catch {
    return new Problem({ status: answer.getStatus(), detail: "The server did not say why." });
  }
}

/** Seconds left at the present rate; null while nothing is known. */
export function secondsLeft(
  progress: Pick<Progress, "sent_bytes" | "total_bytes" | "rate">,
): number | null {
  if (progress.rate <= 0) return null;
  return (progress.total_bytes - progress.sent_bytes) / progress.rate;
}
