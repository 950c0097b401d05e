/** What runs can be laid out by: a config value, a tag, a metric, a fact of the run. */
import type { RunComparison } from "~/api/types";

export type FieldValue = number | string | null;

export interface Field {
  /** Where it comes from, then its name: `config:lr`, `metric:loss`, `lowest:loss`. */
  id: string;
  label: string;
  group: string;
  isNumber: boolean;
  /** Whether at least two runs have other values. */
  differs: boolean;
  /** In the order of the runs. */
  values: readonly FieldValue[];
}

const GROUPS: Record<string, string> = {
  config: "Config",
  tags: "Tags",
  run: "Run",
  launch: "Launch",
};

/** Every field of the runs; the keys first, as the server orders them, then the metrics. */
export function fieldsOf(comparison: RunComparison): Field[] {
  const keys = comparison.keys.map((key) => {
    const isNumber = key.values.every((value) => value === null || typeof value === "number");
    const label = key.space === "config" ? key.key : `${key.space} ${key.key}`;
    return field(`${key.space}:${key.key}`, label, GROUPS[key.space] ?? key.space, {
      isNumber,
      values: key.values.map((value) => (typeof value === "boolean" ? String(value) : value)),
    });
  });
  const metrics = comparison.metrics.flatMap((metric) => {
    const numbers = (values: readonly unknown[]): FieldValue[] =>
      values.map((value) => (typeof value === "number" ? value : null));
    const { name } = metric;
    const isNumber = true;
    return [
      field(`metric:${name}`, name, "Metrics", { isNumber, values: numbers(metric.value) }),
      field(`lowest:${name}`, `lowest ${name}`, "Lowest of a metric", {
        isNumber,
        values: numbers(metric.lowest),
      }),
      field(`highest:${name}`, `highest ${name}`, "Highest of a metric", {
        isNumber,
        values: numbers(metric.highest),
      }),
    ];
  });
  return [...keys, ...metrics].filter((one) => one.values.some((value) => value !== null));
}

function field(
  id: string,
  label: string,
  group: string,
  rest: { isNumber: boolean; values: (string | number | null)[] },
): Field {
  const { isNumber } = rest;
  const values = isNumber ? rest.values : rest.values.map((v) => (v === null ? v : String(v)));
  return { id, label, group, isNumber, differs: new Set(values).size > 1, values };
}

/** Which field an address names, else the first that `wanted` likes. */
export function fieldNamed(
  fields: readonly Field[],
  id: string,
  ...wanted: ((field: Field) => boolean)[]
): Field | undefined {
  const named = fields.find((one) => one.id === id);
  if (named) return named;
  for (const test of wanted) {
    const found = fields.find(test);
    if (found) return found;
  }
  return undefined;
}

const MAIN = ["val/loss", "val_loss", "loss", "val/accuracy", "accuracy"];

/** The metric that a comparison is most likely about. */
export function mainMetric(fields: readonly Field[]): Field | undefined {
  for (const name of MAIN) {
    const found = fields.find((one) => one.id === `metric:${name}` && one.differs);
    if (found) return found;
  }
  return fields.find((one) => one.id.startsWith("metric:") && one.differs && !isOfMachine(one.id));
}

function isOfMachine(id: string): boolean {
  return /:(system\/|sys\/|gpu|memory_mb|epoch$)/.test(id);
}

/** The fields that stand side by side when nobody chose any. */
export function usualAxes(fields: readonly Field[]): Field[] {
  const varied = fields.filter((one) => one.differs);
  const config = varied.filter((one) => one.id.startsWith("config:") && isTelling(one));
  const metric = mainMetric(fields);
  return [...config.slice(0, 6), ...(metric ? [metric] : [])];
}

/** A text that is another in each run (a folder, a name) tells nothing beside the others. */
function isTelling(one: Field): boolean {
  if (one.isNumber) return true;
  const n = new Set(one.values).size;
  return n <= 12 || n <= one.values.length / 2;
}
