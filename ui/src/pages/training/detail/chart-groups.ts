/** Which metrics share a chart, and which charts stand together. */
import { systemPlace } from "./system";

export interface ChartSpec {
  /** Unique on the page; also its title. */
  title: string;
  /** The series by name, in the order of their colours. */
  names: readonly string[];
}

export interface ChartGroup {
  title: string;
  charts: ChartSpec[];
}

const SPLITS = ["train", "val", "valid", "validation", "test", "eval"];
const AXES = new Set(["epoch"]);
const MAIN = "Metrics";
/** First what people look at first. */
const FIRST = ["loss", "accuracy", "acc", "f1", "auc", "lr", "learning_rate"];

/** Whether a metric tells of the machine rather than of the model. */
export function isSystem(name: string): boolean {
  return systemPlace(name) !== null;
}

/**
 * What tells whether a metric's name fits the filter: a regular expression, or where it is none
 * (as while it is being typed) a part of the name. Case does not matter.
 */
export function matcherOf(filter: string): (name: string) => boolean {
  try {
    const wanted = new RegExp(filter, "i");
    return (name) => wanted.test(name);
  } catch {
    const part = filter.toLowerCase();
    return (name) => name.toLowerCase().includes(part);
  }
}

/**
 * Charts by prefix. The same metric of several splits (`loss`, `val/loss`, `train_loss`) shares a
 * chart, since one is read against the other. `epoch` is an axis, no chart.
 */
export function chartGroups(names: readonly string[]): ChartGroup[] {
  const groups = new Map<string, Map<string, string[]>>();
  for (const name of names) {
    if (!AXES.has(name)) {
      const [group, title] = systemPlace(name) ?? placeOf(name);
      const charts = groups.get(group) ?? new Map<string, string[]>();
      groups.set(group, charts);
      charts.set(title, [...(charts.get(title) ?? []), name]);
    }
  }
  return [...groups]
    .map(([title, charts]) => ({
      title,
      charts: [...charts]
        .map(([chart, members]) => ({
          title: title === MAIN || members.some(isSystem) ? chart : `${title}/${chart}`,
          names: members.toSorted(bySplit),
        }))
        .toSorted((a, b) => rankOf(a.title) - rankOf(b.title) || a.title.localeCompare(b.title)),
    }))
    .toSorted((a, b) => Number(b.title === MAIN) - Number(a.title === MAIN));
}

function placeOf(name: string): [group: string, chart: string] {
  const slash = name.indexOf("/");
  const prefix = slash > 0 ? name.slice(0, slash) : "";
  const rest = slash > 0 ? name.slice(slash + 1) : name;
  if (SPLITS.includes(prefix)) return [MAIN, rest];
  if (prefix) return [prefix, rest];
  const [split = "", ...words] = name.split("_");
  return [MAIN, SPLITS.includes(split) && words.length > 0 ? words.join("_") : name];
}

function bySplit(a: string, b: string): number {
  const rank = (name: string): number => SPLITS.findIndex((split) => name.startsWith(split));
  return rank(a) - rank(b) || a.localeCompare(b);
}

function rankOf(title: string): number {
  const at = FIRST.indexOf(title.split("/").at(-1) ?? title);
  return at < 0 ? FIRST.length : at;
}
