/** What may come next in a filter that is being typed. */
import { fieldText, type Token, tokensOf, valueText } from "./filter-text";

export interface Suggestion {
  /** What stands in the filter once it is taken. */
  text: string;
  label: string;
  /** What it is: "metric · 120 runs". */
  detail: string;
}

export interface Completion {
  /** The part of the text that a suggestion takes the place of. */
  from: number;
  to: number;
  items: readonly Suggestion[];
}

export interface Vocabulary {
  fields: readonly { key: string; detail: string }[];
  /** Known values of a field, by its text. */
  values: (field: string) => readonly string[];
}

type Place = "field" | "operator" | "value" | "list" | "in list" | "join";

const OPERATORS: readonly [string, string][] = [
  ["=", "is"],
  ["!=", "is not"],
  ["<", "below"],
  ["<=", "at most"],
  [">", "above"],
  [">=", "at least"],
  ["in (", "one of"],
  ["not in (", "none of"],
  ["~", "contains"],
  ["exists", "has any value"],
];
const JOINS: readonly [string, string][] = [
  ["and", "both hold"],
  ["or", "either holds"],
];
const MOST = 12;

/** The suggestions for the cursor at `caret`. */
export function completionOf(text: string, caret: number, known: Vocabulary): Completion {
  const before = tokensOf(text).filter((token) => token.start < caret);
  const last = before.at(-1);
  const isTyping = last !== undefined && last.end >= caret && isOpen(last);
  const { place, field } = placeAfter(isTyping ? before.slice(0, -1) : before);
  const from = isTyping ? last.start : caret;
  const typed = isTyping ? text.slice(last.start, caret) : "";
  return { from, to: isTyping ? last.end : caret, items: itemsOf(place, field, typed, known) };
}

/** A word that more letters may follow. */
function isOpen(token: Token): boolean {
  return token.kind === "field" || token.kind === "keyword" || token.kind === "string";
}

function placeAfter(tokens: readonly Token[]): { place: Place; field: string } {
  let place: Place = "field";
  let field = "";
  for (const token of tokens) {
    if (place === "field" && token.kind === "field") field = token.text;
    place = next(place, token);
  }
  return { place, field };
}

function next(place: Place, token: Token): Place {
  const word = token.kind === "keyword" ? token.text.toLowerCase() : token.text;
  if (token.kind === "keyword" && (word === "and" || word === "or")) return "field";
  switch (place) {
    case "field":
      return token.kind === "field" ? "operator" : "field";
    case "operator":
      if (word === "not") return "operator";
      if (word === "in") return "list";
      return word === "exists" ? "join" : "value";
    case "value":
      return "join";
    case "list":
      return word === "(" ? "in list" : "list";
    case "in list":
      return word === ")" ? "join" : "in list";
    case "join":
      return "join";
  }
}

function itemsOf(place: Place, field: string, typed: string, known: Vocabulary): Suggestion[] {
  switch (place) {
    case "field":
      return fieldsFor(typed, known);
    case "operator":
      return words(OPERATORS, typed);
    case "join":
      return words(JOINS, typed);
    case "value":
    case "in list":
      return valuesFor(known.values(field), typed);
    case "list":
      return words([["(", "list the values"]], typed);
  }
}

function words(all: readonly [string, string][], typed: string): Suggestion[] {
  return all
    .filter(([word]) => word.startsWith(typed.toLowerCase()) && word !== typed)
    .map(([word, detail]) => ({
      text: word.endsWith("(") ? word : `${word} `,
      label: word,
      detail,
    }));
}

const bare = (text: string): string => text.toLowerCase().replaceAll(/["'`]/g, "");

function fieldsFor(typed: string, known: Vocabulary): Suggestion[] {
  const wanted = bare(typed);
  const rank = (key: string): number => {
    const at = key.toLowerCase().indexOf(wanted);
    if (at === 0) return 0;
    return at > 0 && /[./_-]/.test(key[at - 1] ?? "") ? 1 : 2;
  };
  return known.fields
    .filter(({ key }) => key.toLowerCase().includes(wanted) && fieldText(key) !== typed)
    .toSorted((a, b) => rank(a.key) - rank(b.key))
    .slice(0, MOST)
    .map(({ key, detail }) => ({ text: `${fieldText(key)} `, label: key, detail }));
}

function valuesFor(values: readonly string[], typed: string): Suggestion[] {
  const wanted = bare(typed);
  return values
    .filter((value) => value.toLowerCase().includes(wanted) && valueText(value) !== typed)
    .slice(0, MOST)
    .map((value) => ({ text: valueText(value), label: value, detail: "" }));
}

/** The text once a suggestion is taken, and where the cursor then stands. */
export function taken(
  text: string,
  completion: Completion,
  suggestion: Suggestion,
): { text: string; caret: number } {
  const rest = text.slice(completion.to);
  const isSpaced = suggestion.text.endsWith(" ") && rest.startsWith(" ");
  const put = isSpaced ? suggestion.text.trimEnd() : suggestion.text;
  const caret = completion.from + put.length + (isSpaced ? 1 : 0);
  return { text: text.slice(0, completion.from) + put + rest, caret };
}
