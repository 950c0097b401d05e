/** One row of inputs as fields to fill in, where it is small enough for that. */
import type { Signature, TensorSpec } from "~/api/types";

/** More fields than this nobody fills in by hand. */
const MOST_FIELDS = 64;

export interface FormField {
  input: string;
  /** "x", or "x 3" for the third value of a row, "x 1, 3" in a matrix. */
  label: string;
  kind: "number" | "text" | "flag";
  /** Whole numbers only. */
  isWhole: boolean;
  /** Where it stands in the inputs: the row first. */
  path: readonly number[];
}

/** A field for each value of one row, null where there are too many or their number is open. */
export function formOf(signature: Signature): FormField[] | null {
  const fields: FormField[] = [];
  for (const spec of signature.inputs) {
    const sizes = spec.shape.slice(1);
    const n = sizes.reduce((product, size) => product * size, 1);
    if (sizes.some((size) => size < 1) || fields.length + n > MOST_FIELDS) return null;
    for (let at = 0; at < n; at += 1) fields.push(fieldOf(spec, sizes, at));
  }
  return fields;
}

function fieldOf(spec: TensorSpec, sizes: readonly number[], at: number): FormField {
  const place: number[] = [];
  for (let axis = sizes.length - 1, rest = at; axis >= 0; axis -= 1) {
    const size = sizes[axis] ?? 1;
    place.unshift(rest % size);
    rest = Math.floor(rest / size);
  }
  const numbers = place.filter((_, axis) => (sizes[axis] ?? 1) > 1).map((index) => index + 1);
  return {
    input: spec.name,
    label: [spec.name, numbers.join(", ")].filter(Boolean).join(" "),
    kind: spec.dtype === "string" ? "text" : spec.dtype === "bool" ? "flag" : "number",
    isWhole: /^u?int/.test(spec.dtype),
    path: spec.shape.length === 0 ? [] : [0, ...place],
  };
}

/** What the inputs hold for a field; undefined where they have another form. */
export function valueOf(inputs: unknown, field: FormField): unknown {
  return field.path.reduce<unknown>(
    (at, index) => (Array.isArray(at) ? (at as unknown[])[index] : undefined),
    rowsOf(inputs, field.input),
  );
}

/** The inputs with another value for a field; those given stay as they are. */
export function withValue(inputs: unknown, field: FormField, value: unknown): unknown {
  const copy: unknown = structuredClone(inputs);
  let at = rowsOf(copy, field.input);
  for (const index of field.path.slice(0, -1)) at = Array.isArray(at) ? at[index] : undefined;
  const last = field.path.at(-1);
  if (Array.isArray(at) && last !== undefined) at[last] = value;
  return copy;
}

function rowsOf(inputs: unknown, name: string): unknown {
  if (Array.isArray(inputs)) return inputs;
  return (inputs as Record<string, unknown> | null)?.[name];
}
