/** What people type beside a file, as the registry takes it. */

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

/** A JSON object as the configuration; what is none as an error. */
export function configOf(text: string): Record<string, unknown> | string {
  if (text.trim() === "") return {};
  try {
    const found: unknown = JSON.parse(text);
    if (typeof found === "object" && found !== null && !Array.isArray(found)) {
      return found as Record<string, unknown>;
    }
  } catch {
    // Said below: what is missing is the same.
  }
  return 'Write a JSON object, as {"lr": 0.001}';
}

/** "raw, checked" as tags. */
export function tagsOf(text: string): string[] {
  return [...new Set(text.split(",").map((tag) => tag.trim()))].filter((tag) => tag !== "");
}

/** "mnist mlp (2).onnx" -> "mnist-mlp-2": a name that the registry takes. */
export function nameFrom(filename: string): string {
  return filename
    .replace(/\.[A-Za-z0-9]+$/, "")
    .replace(/[^A-Za-z0-9._-]+/g, "-")
    .replace(/^[^A-Za-z0-9]+|-+$/g, "")
    .slice(0, 128);
}
