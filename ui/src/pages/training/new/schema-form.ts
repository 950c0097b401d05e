/** A form's fields out of a trainer's JSON Schema, and its text back into values. */

export type Value = number | string | boolean;
/** What stands in the form: text as it is typed, a switch as it is set. */
export type Entries = Record<string, string | boolean>;

interface FieldBase {
  name: string;
  label: string;
  description: string;
  initial: Value;
  /** The field matters only while another has one of these values. */
  when?: { field: string; values: readonly string[] };
}

export interface NumberField extends FieldBase {
  kind: "number";
  isInteger: boolean;
  lowest: number | undefined;
  highest: number | undefined;
  multipleOf: number | undefined;
  /** Steps of a factor say more than steps of one. */
  isLog: boolean;
}

export interface ChoiceField extends FieldBase {
  kind: "choice";
  options: readonly Value[];
}

export interface TextField extends FieldBase {
  kind: "text";
  longest: number | undefined;
}

export interface SwitchField extends FieldBase {
  kind: "switch";
}

export type FormField = NumberField | ChoiceField | TextField | SwitchField;

type Told = Record<string, unknown>;

/** A bound that only says what a machine can hold. */
const BEYOND_WORDS = 1e9;

/** The fields that a schema describes, in its order; what a form cannot show is left out. */
export function fieldsOf(schema: unknown): FormField[] {
  const properties = isTold(schema) && isTold(schema["properties"]) ? schema["properties"] : {};
  return Object.entries(properties).flatMap(([name, told]) => {
    const field = isTold(told) ? fieldOf(name, told) : undefined;
    return field ? [field] : [];
  });
}

function fieldOf(name: string, told: Told): FormField | undefined {
  const base: Omit<FieldBase, "initial"> = {
    name,
    label: labelOf(name),
    description: typeof told["description"] === "string" ? told["description"] : "",
    ...whenOf(told),
  };
  const initial = told["default"];
  if (Array.isArray(told["enum"])) {
    const options = told["enum"].filter(isValue);
    return { ...base, kind: "choice", options, initial: isValue(initial) ? initial : "" };
  }
  if (told["type"] === "boolean") return { ...base, kind: "switch", initial: initial === true };
  if (told["type"] === "string") {
    const longest = numberIn(told, "maxLength");
    return { ...base, kind: "text", longest, initial: typeof initial === "string" ? initial : "" };
  }
  if (told["type"] !== "integer" && told["type"] !== "number") return undefined;
  return {
    ...base,
    kind: "number",
    isInteger: told["type"] === "integer",
    lowest: numberIn(told, "minimum"),
    highest: numberIn(told, "maximum"),
    multipleOf: numberIn(told, "multipleOf"),
    isLog: told["x-scale"] === "log",
    initial: typeof initial === "number" ? initial : 0,
  };
}

function whenOf(told: Told): Pick<FieldBase, "when"> {
  const when = told["x-when"];
  const [entry] = isTold(when) ? Object.entries(when) : [];
  if (!entry || !Array.isArray(entry[1])) return {};
  return { when: { field: entry[0], values: entry[1].map(String) } };
}

/** `max_depth` as people write it. */
export function labelOf(name: string): string {
  const words = name.replaceAll("_", " ");
  return words === "lr" ? "Learning rate" : words.charAt(0).toUpperCase() + words.slice(1);
}

export function textOf(value: Value): string | boolean {
  return typeof value === "boolean" ? value : String(value);
}

/** What the form shows at first: values that are given, defaults for the rest. */
export function entriesOf(fields: readonly FormField[], given: Record<string, unknown>): Entries {
  return Object.fromEntries(
    fields.map((field) => {
      const value = given[field.name];
      return [field.name, textOf(isValue(value) ? value : field.initial)];
    }),
  );
}

export function isShown(field: FormField, entries: Entries): boolean {
  return !field.when || field.when.values.includes(String(entries[field.when.field]));
}

/** A field's value, or a sentence that says what is wrong with what was typed. */
export function readField(
  field: FormField,
  entry: string | boolean | undefined,
): { value: Value } | { wrong: string } {
  if (field.kind === "switch") return { value: entry === true };
  const text = String(entry ?? "").trim();
  if (field.kind === "text") return { value: text };
  if (field.kind === "choice") {
    const chosen = field.options.find((option) => String(option) === text);
    return chosen === undefined ? { wrong: "Choose one" } : { value: chosen };
  }
  return readNumber(field, text);
}

function readNumber(field: NumberField, text: string): { value: number } | { wrong: string } {
  const value = Number(text);
  if (text === "" || !Number.isFinite(value)) return { wrong: "A number, such as 0.01 or 1e-3" };
  if (field.isInteger && !Number.isInteger(value)) return { wrong: "A whole number" };
  if (field.lowest !== undefined && value < field.lowest) {
    return { wrong: `At least ${shortNumber(field.lowest)}` };
  }
  if (field.highest !== undefined && value > field.highest) {
    return { wrong: `At most ${shortNumber(field.highest)}` };
  }
  if (field.multipleOf && value % field.multipleOf !== 0) {
    return { wrong: `A multiple of ${field.multipleOf}` };
  }
  return { value };
}

/** Every shown field's value; `wrong` holds a sentence for each that cannot be read. */
export function readAll(
  fields: readonly FormField[],
  entries: Entries,
): { values: Record<string, Value>; wrong: Record<string, string> } {
  const values: Record<string, Value> = {};
  const wrong: Record<string, string> = {};
  for (const field of fields) {
    if (!isShown(field, entries)) continue;
    const found = readField(field, entries[field.name]);
    if ("value" in found) values[field.name] = found.value;
    else wrong[field.name] = found.wrong;
  }
  return { values, wrong };
}

/** The bounds in words, for the hint under a number. */
export function boundsText(field: FormField): string {
  if (field.kind !== "number" || field.lowest === undefined || field.highest === undefined) {
    return "";
  }
  if (field.highest >= BEYOND_WORDS) return "";
  return `${shortNumber(field.lowest)} to ${shortNumber(field.highest)}`;
}

export function shortNumber(value: number): string {
  const size = Math.abs(value);
  if (value !== 0 && (size < 1e-3 || size >= 1e6)) {
    return value
      .toExponential()
      .replace("e+", "e")
      .replace(/(\.\d{3})\d+/, "$1");
  }
  return String(value);
}

/** The next value up or down: 1-2-5 steps where factors matter, else of one (or a twentieth). */
export function nudged(field: NumberField, text: string, direction: 1 | -1): string {
  const value = Number(text);
  if (text.trim() === "" || !Number.isFinite(value)) return text;
  const next = field.isLog ? nextOnLogScale(value, direction) : value + direction * stepOf(field);
  const rounded = field.isInteger
    ? integerNear(next, value, direction)
    : Number(next.toPrecision(6));
  const low = Math.max(rounded, field.lowest ?? -Infinity);
  return shortNumber(Math.min(low, field.highest ?? Infinity));
}

function integerNear(next: number, value: number, direction: 1 | -1): number {
  const rounded = Math.round(next);
  return rounded === value ? value + direction : rounded;
}

function stepOf(field: NumberField): number {
  if (field.isInteger) return field.multipleOf ?? 1;
  const width = (field.highest ?? 1) - (field.lowest ?? 0);
  return width > 1 ? Math.max(10 ** Math.floor(Math.log10(width / 20)), 0.1) : 0.05;
}

const MANTISSAS = [1, 2, 5, 10];

function nextOnLogScale(value: number, direction: 1 | -1): number {
  if (value <= 0) return direction === 1 ? 1 : value;
  const power = 10 ** Math.floor(Math.log10(value) + 1e-9);
  const mantissa = value / power;
  const slack = 1e-6;
  const next =
    direction === 1
      ? MANTISSAS.find((each) => each > mantissa + slack)
      : MANTISSAS.findLast((each) => each < mantissa - slack);
  return (next ?? 0.5) * power;
}

function isTold(value: unknown): value is Told {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function isValue(value: unknown): value is Value {
  return ["number", "string", "boolean"].includes(typeof value);
}

function numberIn(told: Told, key: string): number | undefined {
  const value = told[key];
  return typeof value === "number" ? value : undefined;
}
