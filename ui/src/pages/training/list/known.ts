/** What the list knows of the fields that runs have: for the chooser and for completion. */
import type { Project, RunKeys, RunStatus } from "~/api/types";
import { OWN_KEYS } from "./columns";
import type { Vocabulary } from "./completion";
import type { Pick } from "./PickMenu";

export interface KnownColumn {
  key: string;
  nRuns: number;
}

export interface KnownColumns {
  own: readonly KnownColumn[];
  metrics: readonly KnownColumn[];
  config: readonly KnownColumn[];
  tags: readonly KnownColumn[];
}

const STATES: readonly RunStatus[] = [
  "queued",
  "starting",
  "running",
  "stopping",
  "completed",
  "failed",
  "stopped",
  "lost",
];
/** Fields of a filter that no column shows. */
const ONLY_FILTERED = ["tag"];
const NOT_FILTERED = new Set(["tags"]);

/** Values to choose from, with how many runs have each. */
export interface KnownValues {
  projects: readonly Pick[];
  tags: readonly Pick[];
}

/** The projects and tags that there are. */
export function knownValues(
  projects: readonly Project[] | undefined,
  columns: RunKeys | undefined,
): KnownValues {
  return {
    projects: (projects ?? []).map(({ name, n_runs }) => ({
      value: name,
      label: name,
      nRuns: n_runs,
    })),
    tags: (columns?.labels ?? []).map(({ key, n_runs }) => ({
      value: key,
      label: key,
      nRuns: n_runs,
    })),
  };
}

/** Every column there can be, by where its value comes from. */
export function knownColumns(columns: RunKeys | undefined): KnownColumns {
  const under = (area: string, keys: RunKeys["metrics"] | undefined): KnownColumn[] =>
    (keys ?? []).map((one) => ({ key: `${area}.${one.key}`, nRuns: one.n_runs }));
  return {
    own: OWN_KEYS.map((key) => ({ key, nRuns: 0 })),
    metrics: under("metrics", columns?.metrics),
    config: under("config", columns?.config),
    tags: under("tags", columns?.tags),
  };
}

/** The words that complete a filter. */
export function vocabularyOf(known: KnownColumns, values: KnownValues): Vocabulary {
  const texts = (picks: readonly Pick[]): string[] => picks.map((one) => one.value);
  const detail = (what: string, nRuns: number): string =>
    nRuns > 0 ? `${what} · ${nRuns.toLocaleString("en")} run${nRuns === 1 ? "" : "s"}` : what;
  const named = (what: string, keys: readonly KnownColumn[]) =>
    keys.map(({ key, nRuns }) => ({ key, detail: detail(what, nRuns) }));
  const own = [...OWN_KEYS, ...ONLY_FILTERED].filter((key) => !NOT_FILTERED.has(key));
  return {
    fields: [
      ...own.map((key) => ({ key, detail: "of every run" })),
      ...named("metric", known.metrics),
      ...named("config", known.config),
      ...named("tag", known.tags),
    ],
    values: (field) => {
      if (field === "status") return STATES;
      if (field === "project") return texts(values.projects);
      return field === "tag" ? texts(values.tags) : [];
    },
  };
}
