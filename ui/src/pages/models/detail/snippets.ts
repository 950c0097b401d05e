import type { Model, ModelVersion } from "~/api/types";

/** How scripts ask for a model: by the alias that most would mean, else by its newest version. */
export function refOf(aliases: Readonly<Record<string, number>>): string {
  const names = Object.keys(aliases).toSorted((a, b) => a.localeCompare(b));
  return ["champion", "production"].find((one) => one in aliases) ?? names[0] ?? "latest";
}

/** The commands that get a version's file, from a shell and from Python. */
export function pulling(
  model: Pick<Model, "name" | "aliases">,
  version: Pick<ModelVersion, "file_path"> | undefined,
  ref: string,
): { shell: string; python: string } {
  const suffix = /\.[a-z0-9]+$/i.exec(version?.file_path ?? "")?.[0] ?? "";
  return {
    shell: `axon models pull ${model.name}:${ref}`,
    python: `from pathlib import Path
import axonml

client = axonml.Client()
model = client.model("${model.name}")
target = Path("${model.name}${suffix}")
client.download_version(
    model.id, "${ref}", target
)`,
  };
}
