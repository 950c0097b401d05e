import type { NewRun, Run, TrainerInfo } from "~/api/types";
import type { Problem } from "~/api/problem";
import type { Value } from "./schema-form";

/** What the run is called and where it belongs. */
export interface Naming {
  name: string;
  project: string;
  tags: string;
}

/** What an earlier run was started with. */
export interface Source {
  trainer: string;
  dataset: string;
  params: Record<string, unknown>;
}

/** A new run with what starts it. */
export type Launch = Pick<NewRun, "name" | "project" | "tags" | "model_type"> & {
  config: Record<string, unknown>;
  launch: Record<string, unknown>;
};

/** The request that starts a trainer; its parameters are the run's config too. */
export function trainerRun(
  naming: Naming,
  trainer: string,
  dataset: string,
  params: Record<string, Value>,
): Launch {
  return {
    ...named(naming, `${trainer} on ${dataset}`),
    model_type: trainer,
    config: { dataset, ...params },
    launch: { kind: "trainer", trainer, dataset, params },
  };
}

/** The request that starts a script of the server's configuration. */
export function entrypointRun(
  naming: Naming,
  entrypoint: string,
  args: readonly string[],
  config: Readonly<Record<string, unknown>>,
): Launch {
  return {
    ...named(naming, entrypoint),
    config: { ...config, entrypoint, args },
    launch: { kind: "entrypoint", entrypoint, args, config },
  };
}

function named(naming: Naming, fallback: string): Pick<NewRun, "name" | "project" | "tags"> {
  return {
    name: naming.name.trim() || fallback,
    project: naming.project.trim() || "default",
    tags: [...new Set(naming.tags.split(",").map((tag) => tag.trim()))].filter(Boolean),
  };
}

/** What a run was started with, if a built-in trainer did it; a run of a script has none. */
export function sourceOf(run: Run, trainers: readonly TrainerInfo[]): Source | undefined {
  const launch = run.launch?.kind === "trainer" ? run.launch : undefined;
  const config: Record<string, unknown> = run.config;
  const trainer = launch?.trainer ?? run.model_type;
  if (!trainers.some((each) => each.name === trainer)) return undefined;
  const { dataset: configured, ...rest } = config;
  const dataset = launch?.dataset ?? (typeof configured === "string" ? configured : "");
  return { trainer, dataset, params: launch?.params ?? rest };
}

/** Where a run of a script of the server is started again, with its arguments and configuration. */
export function entrypointAddress(run: Run): string | undefined {
  if (run.launch?.kind !== "entrypoint") return undefined;
  const query = new URLSearchParams({ way: "entrypoint", entrypoint: run.launch.entrypoint });
  for (const arg of run.launch.args ?? []) query.append("arg", arg);
  for (const [key, value] of Object.entries(run.launch.config ?? {})) {
    query.append("set", `${key}=${textOf(value)}`);
  }
  return `/training/new?${query.toString()}`;
}

/** The server's complaint about one parameter, by its name. */
export function complaintOf(problem: Problem | undefined, name: string): string | undefined {
  return problem?.fieldMessage(`launch.params.${name}`) ?? problem?.fieldMessage(`config.${name}`);
}

/** One argument a line; empty lines are none. */
export function argumentsOf(text: string): string[] {
  return text.split("\n").filter((line) => line !== "");
}

/** One `key=value` a line as a configuration; a value is JSON where it is, else text. */
export function configurationOf(text: string): Record<string, unknown> {
  return Object.fromEntries(
    argumentsOf(text).map((line) => {
      const at = line.indexOf("=");
      return [line.slice(0, at).trim(), valueOf(line.slice(at + 1).trim())];
    }),
  );
}

/** The first line that is no `key=value`. */
export function oddLineOf(text: string): string | undefined {
  return argumentsOf(text).find((line) => !/^\s*[^\s=][^=]*=/.test(line));
}

function valueOf(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return text;
  }
}

/** A value as `valueOf` reads it again. */
function textOf(value: unknown): string {
  const isPlain = typeof value === "string" && value === value.trim() && valueOf(value) === value;
  return isPlain ? value : JSON.stringify(value);
}
