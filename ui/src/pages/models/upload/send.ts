/** Sends a model file while telling how far it is; fetch cannot, XMLHttpRequest can. */
import { freshToken } from "~/api/access";
import { apiUrl } from "~/api/base";
import { Problem, unreachable } from "~/api/problem";
import type { ModelVersion, ProblemBody } from "~/api/types";

export interface Progress {
  sent_bytes: number;
  total_bytes: number;
  /** Bytes a second since the start; 0 while nothing is known. */
  rate: number;
}

export interface VersionFacts {
  description?: string;
  metrics?: Record<string, number>;
}

/** Upload `file` as the next version of the model. Rejects with `Problem`; `signal` cancels. */
export async function sendVersion(
  modelId: string,
  file: File,
  facts: VersionFacts,
  onProgress: (progress: Progress) => void,
  signal: AbortSignal,
): Promise<ModelVersion> {
  const token = await freshToken();
  const form = new FormData();
  form.append("metadata", new Blob([JSON.stringify(facts)], { type: "application/json" }));
  form.append("file", file);
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    const began = performance.now();
    request.open("POST", apiUrl(`/api/models/${modelId}/versions`));
    request.setRequestHeader("authorization", `Bearer ${token}`);
    request.responseType = "json";
    request.upload.addEventListener("progress", (event) => {
      const seconds = (performance.now() - began) / 1000;
      onProgress({
        sent_bytes: event.loaded,
        total_bytes: event.total,
        rate: seconds > 0 ? event.loaded / seconds : 0,
      });
    });
    request.addEventListener("load", () => {
      if (request.status < 300) resolve(request.response as ModelVersion);
      else reject(problemIn(request));
    });
    request.addEventListener("error", () => reject(unreachable()));
    request.addEventListener("abort", () => reject(new DOMException("Cancelled", "AbortError")));
    signal.addEventListener("abort", () => request.abort());
    request.send(form);
  });
}

function problemIn(request: XMLHttpRequest): Problem {
  const body = (request.response ?? {}) as Partial<ProblemBody>;
  return new Problem({ ...body, status: request.status });
}

/** "accuracy=0.97, loss=0.1" as numbers; the first word that is none as an error. */
export function metricsOf(text: string): Record<string, number> | string {
  const metrics: Record<string, number> = {};
  for (const part of text.split(/[,\n]/)) {
    if (part.trim() === "") continue;
    const [name = "", value = ""] = part.split("=").map((word) => word.trim());
    if (!name || value === "" || !Number.isFinite(Number(value))) {
      return `“${part.trim()}” is not name=number`;
    }
    metrics[name] = Number(value);
  }
  return metrics;
}

/** Seconds left at the present rate; null while nothing is known. */
export function secondsLeft(progress: Progress): number | null {
  if (progress.rate <= 0) return null;
  return (progress.total_bytes - progress.sent_bytes) / progress.rate;
}

/** "mnist mlp (2).onnx" -> "mnist-mlp-2": a name that the registry takes. */
export function nameFrom(filename: string): string {
  return filename
    .replace(/\.[A-Za-z0-9]+$/, "")
    .replace(/[^A-Za-z0-9._-]+/g, "-")
    .replace(/^[^A-Za-z0-9]+|-+$/g, "")
    .slice(0, 128);
}
