/**
 * The filter language as text: its words, and how the page's chips write into it.
 * Whether a filter is right is for the server to say; this only tells its parts apart.
 */

export type TokenKind = "field" | "keyword" | "operator" | "string" | "number" | "mark" | "odd";

export interface Token {
  kind: TokenKind;
  text: string;
  start: number;
  end: number;
}

const KEYWORDS = new Set(["and", "or", "not", "in", "exists"]);
const PARTS: readonly [TokenKind, RegExp][] = [
  ["string", /"(?:[^"\\]|\\.)*"?|'(?:[^'\\]|\\.)*'?/y],
  ["number", /[-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?(?![\p{L}_])/uy],
  ["field", /[\p{L}_`](?:`[^`]*`?|"(?:[^"\\]|\\.)*"?|[\p{L}\p{N}_./:@+-])*/uy],
  ["operator", /!=|<=|>=|==|[=<>~]/y],
  ["mark", /[(),]/y],
  ["odd", /\S/y],
];

/** The words of a filter, in order, without the space between them. */
export function tokensOf(text: string): Token[] {
  const tokens: Token[] = [];
  let at = 0;
  while (at < text.length) {
    if (/\s/.test(text[at] ?? "")) {
      at += 1;
      continue;
    }
    const token = tokenAt(text, at);
    tokens.push(token);
    at = token.end;
  }
  return tokens;
}

function tokenAt(text: string, start: number): Token {
  for (const [kind, pattern] of PARTS) {
    pattern.lastIndex = start;
    const found = pattern.exec(text)?.[0];
    if (found === undefined || found === "") continue;
    const isKeyword = kind === "field" && KEYWORDS.has(found.toLowerCase());
    return { kind: isKeyword ? "keyword" : kind, text: found, start, end: start + found.length };
  }
  return { kind: "odd", text: text[start] ?? "", start, end: start + 1 };
}

const isWord = (token: Token, word: string): boolean =>
  token.kind === "keyword" && token.text.toLowerCase() === word;

/** The conditions that must all hold; a filter with an `or` outside of brackets is one of them. */
export function conditionsOf(text: string): string[] {
  if (text.trim() === "") return [];
  const cuts: Token[] = [];
  let depth = 0;
  for (const token of tokensOf(text)) {
    if (token.text === "(") depth += 1;
    if (token.text === ")") depth -= 1;
    if (depth > 0) continue;
    if (isWord(token, "or")) return [`(${text.trim()})`];
    if (isWord(token, "and")) cuts.push(token);
  }
  const parts: string[] = [];
  let from = 0;
  for (const cut of cuts) {
    parts.push(text.slice(from, cut.start).trim());
    from = cut.end;
  }
  parts.push(text.slice(from).trim());
  return parts.filter((part) => part !== "");
}

/** A filter of conditions that must all hold. */
export function filterOf(conditions: readonly string[]): string {
  const [only] = conditions;
  if (only !== undefined && conditions.length === 1) return withoutBrackets(only);
  return conditions.join(" and ");
}

function withoutBrackets(text: string): string {
  if (!text.startsWith("(") || !text.endsWith(")")) return text;
  let depth = 0;
  for (const token of tokensOf(text)) {
    if (token.text === "(") depth += 1;
    if (token.text === ")") depth -= 1;
    if (depth === 0 && token.end < text.length) return text;
  }
  return text.slice(1, -1).trim();
}

/** The field that a condition begins with; "" where it is a bracket, a `not` or nothing yet. */
export function fieldOf(condition: string): string {
  const first = tokensOf(condition)[0];
  return first?.kind === "field" ? first.text : "";
}

/** The filter with its condition about `field` replaced; without a `condition` it goes. */
export function withCondition(text: string, field: string, condition: string | null): string {
  const conditions = conditionsOf(text);
  const at = conditions.findIndex((one) => fieldOf(one) === field);
  const others = conditions.filter((one) => fieldOf(one) !== field);
  if (condition !== null) others.splice(at < 0 ? others.length : at, 0, condition);
  return filterOf(others);
}

/** The filter that also asks for `condition`; one that is there already is not asked twice. */
export function extended(text: string, condition: string): string {
  const conditions = conditionsOf(text);
  return conditions.includes(condition) ? text : filterOf([...conditions, condition]);
}

/** The filter without one of its conditions. */
export function without(text: string, condition: string): string {
  return filterOf(conditionsOf(text).filter((one) => one !== condition));
}

/** What a condition `field in (a, b)` or `field = a` names; none for any other form. */
export function namedIn(text: string, field: string): string[] {
  const condition = conditionsOf(text).find((one) => fieldOf(one) === field);
  if (condition === undefined) return [];
  const [, operator, ...rest] = tokensOf(condition);
  if (operator?.text !== "=" && operator?.text.toLowerCase() !== "in") return [];
  return rest.filter((token) => token.kind !== "mark").map((token) => unquoted(token.text));
}

/** A value as a filter writes it: words as they are, all else in quotes. */
export function valueText(value: unknown): string {
  if (typeof value === "number" || typeof value === "boolean") return String(value);
  const text = typeof value === "string" ? value : JSON.stringify(value);
  const isPlain = /^[A-Za-z_][A-Za-z0-9_]*$/.test(text) && !KEYWORDS.has(text.toLowerCase());
  return isPlain ? text : JSON.stringify(text);
}

function unquoted(text: string): string {
  if (text.startsWith("'")) return text.slice(1, -1);
  if (!text.startsWith('"')) return text;
  try {
    return String(JSON.parse(text));
  } catch {
    return text;
  }
}

/** A column's key as a filter writes it: `metrics."val/loss"`, `config.optim.lr`. */
export function fieldText(key: string): string {
  const dot = key.indexOf(".");
  if (dot < 0) return key;
  const [area, name] = [key.slice(0, dot), key.slice(dot + 1)];
  // A metric's name is one word, dots and all; a config key walks into what is nested.
  const parts = area === "config" ? name.split(".") : [name];
  const quoted = parts.map((part) =>
    /^[A-Za-z_][A-Za-z0-9_]*$/.test(part) ? part : JSON.stringify(part),
  );
  return [area, ...quoted].join(".");
}
