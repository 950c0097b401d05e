import type { Run } from "~/api/types";

export type ColumnKind = "name" | "status" | "text" | "tags" | "number" | "value" | "time" | "span";

/** What a column of the list shows. `key` is also what the server sorts and groups by. */
export interface Column {
  key: string;
  label: string;
  kind: ColumnKind;
  /** Width in px where nobody chose one. */
  width: number;
  isNumeric: boolean;
}

type Own = Omit<Column, "key" | "isNumeric">;

const OWN: Record<string, Own> = {
  name: { label: "Run", kind: "name", width: 212 },
  status: { label: "Status", kind: "status", width: 118 },
  project: { label: "Project", kind: "text", width: 120 },
  tags: { label: "Tags", kind: "tags", width: 156 },
  duration: { label: "Duration", kind: "span", width: 100 },
  created_at: { label: "Created", kind: "time", width: 120 },
  started_at: { label: "Started", kind: "time", width: 132 },
  completed_at: { label: "Ended", kind: "time", width: 132 },
  deleted_at: { label: "Deleted", kind: "time", width: 120 },
  model_type: { label: "Model type", kind: "text", width: 130 },
  group: { label: "Group", kind: "text", width: 130 },
  notes: { label: "Notes", kind: "text", width: 220 },
  user: { label: "Owner", kind: "text", width: 140 },
  id: { label: "Id", kind: "text", width: 250 },
};

/** The columns that every run has, in the order of the chooser. */
export const OWN_KEYS: readonly string[] = Object.keys(OWN).filter((key) => key !== "deleted_at");
export const NAME_KEY = "name";
const DELETED = "deleted_at";
/** Fields that the server cannot order by. */
const UNSORTED = new Set(["tags", DELETED]);

export function isSortable(key: string): boolean {
  return !UNSORTED.has(key);
}

/** Fields that make sense to group by; a metric has too many values. */
export function isGroupable(key: string): boolean {
  return (
    /^(config|tags)\./.test(key) ||
    ["status", "project", "group", "model_type", "user"].includes(key)
  );
}

const METRIC = "metrics.";
const CONFIG = "config.";
const TAG = "tags.";

/** The name of the metric that a column shows; undefined for any other column. */
export function metricOf(key: string): string | undefined {
  return key.startsWith(METRIC) ? key.slice(METRIC.length) : undefined;
}

/** The column of a key; null for a key that no column can have. */
export function columnOf(key: string): Column | null {
  const own = OWN[key];
  if (own) return { key, isNumeric: own.kind === "span", ...own };
  const metric = metricOf(key);
  if (metric) return { key, label: metric, kind: "number", width: 92, isNumeric: true };
  if (key.startsWith(CONFIG) && key.length > CONFIG.length) {
    return { key, label: key.slice(CONFIG.length), kind: "value", width: 112, isNumeric: false };
  }
  if (key.startsWith(TAG) && key.length > TAG.length) {
    return { key, label: key.slice(TAG.length), kind: "text", width: 112, isNumeric: false };
  }
  return null;
}

/** What a run says under a config key; a dot walks into what is nested, unless the key has it. */
export function configValue(config: Readonly<Record<string, unknown>>, key: string): unknown {
  if (key in config) return config[key];
  let at: unknown = config;
  for (const part of key.split(".")) {
    if (typeof at !== "object" || at === null || Array.isArray(at)) return undefined;
    at = (at as Record<string, unknown>)[part];
  }
  return at;
}

/** The value of a tag `team=vision` or `team:vision` under its key. */
export function tagValue(tags: readonly string[], key: string): string | undefined {
  const found = tags.find((tag) => tag.startsWith(`${key}=`) || tag.startsWith(`${key}:`));
  return found?.slice(key.length + 1);
}

const NOT_OWN = /^(epoch$|lr$|learning_rate$|gpu_util$|memory_mb$|system\/)/;
const FIRST = ["loss", "accuracy", "val/loss", "val/accuracy"];
const MOST = 3;

/** The metrics worth a column: those that most of the runs have, the usual ones first. */
export function metricColumns(counts: ReadonlyMap<string, number>): string[] {
  const rank = (name: string): number => {
    const at = FIRST.indexOf(name);
    return at < 0 ? FIRST.length : at;
  };
  const chosen = [...counts]
    .filter(([name]) => !NOT_OWN.test(name))
    .toSorted(([a, n], [b, m]) => m - n || rank(a) - rank(b) || a.localeCompare(b))
    .slice(0, MOST)
    .map(([name]) => name);
  return chosen.toSorted((a, b) => rank(a) - rank(b) || a.localeCompare(b));
}

/** How many of these runs have each metric. */
export function metricCounts(runs: readonly Pick<Run, "summary">[]): Map<string, number> {
  const counts = new Map<string, number>();
  for (const run of runs) {
    for (const name of Object.keys(run.summary)) counts.set(name, (counts.get(name) ?? 0) + 1);
  }
  return counts;
}

/** The columns of a list where nobody chose any. */
export function usualKeys(metrics: readonly string[], isTrash: boolean): string[] {
  const shown = metrics.map((name) => METRIC + name);
  const last = isTrash ? DELETED : "created_at";
  return ["name", "status", "project", "tags", ...shown, "duration", last];
}
