import type { Model, ModelVersion } from "~/api/types";

export type Address = { model?: string; versions?: string; rows?: string };

export const MOST = 4;

/** The numbers of the versions that an address names, by number or by alias; each once. */
export function numbersOf(
  text: string | undefined,
  model: Pick<Model, "aliases" | "latest_version">,
  versions: readonly Pick<ModelVersion, "version">[],
): number[] {
  if (text === undefined) return usual(model, versions);
  const there = new Set(versions.map((one) => one.version));
  const named = (text ?? "").split(",").map((ref) => {
    const word = ref.trim();
    return word === "latest" ? model.latest_version : (model.aliases[word] ?? Number(word));
  });
  const known = named.filter((number): number is number => number !== null && there.has(number));
  return [...new Set(known)].slice(0, MOST);
}

/** The newest version, after the champion, else after another that has an alias or came before. */
function usual(
  model: Pick<Model, "aliases">,
  versions: readonly Pick<ModelVersion, "version">[],
): number[] {
  const [newest, before] = versions.map((one) => one.version);
  if (newest === undefined || before === undefined) return [];
  const named = [model.aliases["champion"], ...Object.values(model.aliases)];
  const other = named.find((number) => number !== undefined && number !== newest);
  return [other ?? before, newest];
}
