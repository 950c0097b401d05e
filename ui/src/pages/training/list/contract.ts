/** What the routes of the run list say, until the generated types have them. */
import type { MetricNumber, Run, RunStatus } from "~/api/types";

export interface ListedRuns {
  items: Run[];
  next_cursor: string | null;
  total: number;
}

export interface MetricSpread {
  n: number;
  mean: MetricNumber | null;
  std: MetricNumber | null;
  min: MetricNumber | null;
  max: MetricNumber | null;
}

export interface RunGroup {
  key: string;
  value: unknown;
  n_runs: number;
  by_status: Partial<Record<RunStatus, number>>;
  metrics: Record<string, MetricSpread>;
}

export interface GroupPage {
  items: RunGroup[];
  next_cursor: string | null;
  total: number;
}

export interface KnownKey {
  key: string;
  n_runs: number;
}

export interface RunColumns {
  config: KnownKey[];
  metrics: KnownKey[];
  /** Keys of tags like `team=vision`; `labels` are whole tags. */
  tags: KnownKey[];
  labels: KnownKey[];
}

export interface KnownProject {
  name: string;
  n_runs: number;
}

export interface BulkAction {
  action: "stop" | "delete" | "restore" | "purge" | "tag" | "untag" | "move" | "group";
  runs: string[];
  value?: string;
}

export interface BulkAnswer {
  done: string[];
  failed: { id: string; code: string; detail: string }[];
}

export interface SavedView {
  id: string;
  user_id: string;
  name: string;
  path: string;
  query: string;
  visibility: "private" | "team";
}
