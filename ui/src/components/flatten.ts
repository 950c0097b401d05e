/** Nested configuration as `a.b.c` and its value as text, in the order it was written. */
export function flatten(config: unknown, prefix = ""): [key: string, value: string][] {
  if (typeof config !== "object" || config === null || Array.isArray(config)) {
    return prefix ? [[prefix, textOf(config)]] : [];
  }
  const entries = Object.entries(config);
  if (entries.length === 0) return prefix ? [[prefix, "{}"]] : [];
  return entries.flatMap(([key, value]) => flatten(value, prefix ? `${prefix}.${key}` : key));
}

function textOf(value: unknown): string {
  return typeof value === "string" ? value : JSON.stringify(value);
}
