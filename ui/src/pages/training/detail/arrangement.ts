/** How somebody has arranged a project's charts: pinned, ordered, hidden, drawn by hand. */

/** A chart of metrics that somebody chose. */
export interface MadeChart {
  id: string;
  title: string;
  /** The metrics, in the order of their colours. */
  names: readonly string[];
}

export interface Arrangement {
  /** Charts by id, in the order they stand in. */
  pinned: readonly string[];
  hidden: readonly string[];
  /** The order within each group; a chart that is not named stands after those that are. */
  order: Readonly<Record<string, readonly string[]>>;
  made: readonly MadeChart[];
}

export const AS_IT_COMES: Arrangement = { pinned: [], hidden: [], order: {}, made: [] };

/** What an address and a browser's storage may hold of it. */
const MOST_CHARTS = 2_000;
const LONGEST_TEXT = 20_000;

/**
 * `p~loss~lr;h~epoch_s;o~by Metrics~lr~loss;m~ID~TITLE~train/loss~lr`: for the address and for
 * storage. Empty when nothing was arranged.
 */
export function arrangementText(arrangement: Arrangement): string {
  const { pinned, hidden, order, made } = arrangement;
  const parts = [
    ["p", ...pinned],
    ["h", ...hidden],
  ];
  for (const [group, ids] of Object.entries(order)) parts.push(["o", group, ...ids]);
  for (const { id, title, names } of made) parts.push(["m", id, title, ...names]);
  return parts
    .filter(([kind, ...rest]) => rest.length > (kind === "o" ? 1 : 0))
    .map((part) => part.map(escaped).join("~"))
    .join(";");
}

/** Read an arrangement; what makes no sense in it is left out. */
export function arrangementOf(text: string): Arrangement {
  const pinned: string[] = [];
  const hidden: string[] = [];
  const order = new Map<string, string[]>();
  const made: MadeChart[] = [];
  for (const part of text.slice(0, LONGEST_TEXT).split(";")) {
    const [kind, ...fields] = part.split("~").slice(0, MOST_CHARTS).map(unescaped);
    const [first = "", second = "", ...names] = fields;
    if (kind === "p") pinned.push(...fields);
    if (kind === "h") hidden.push(...fields);
    if (kind === "o" && first) order.set(first, unique(fields.slice(1)));
    const isNew = first !== "" && !made.some((chart) => chart.id === first);
    if (kind === "m" && isNew && second && unique(names).length > 0) {
      made.push({ id: first, title: second, names: unique(names) });
    }
  }
  return {
    pinned: unique(pinned),
    hidden: unique(hidden),
    order: Object.fromEntries(order),
    made,
  };
}

/** The text without what makes no sense in it. */
export function tidied(text: string): string {
  return arrangementText(arrangementOf(text));
}

function unique(ids: readonly string[]): string[] {
  return [...new Set(ids.filter(Boolean))];
}

function escaped(text: string): string {
  return text.replaceAll(/[%~;]/g, (sign) => `%${sign.charCodeAt(0).toString(16)}`);
}

function unescaped(text: string): string {
  return text.replaceAll(/%([0-9a-f]{2})/g, (_, code: string) =>
    String.fromCharCode(Number.parseInt(code, 16)),
  );
}

/** A chart among the pinned ones, as the last of them, or no longer. */
export function withPin(now: Arrangement, id: string, isPinned: boolean): Arrangement {
  const others = now.pinned.filter((one) => one !== id);
  return { ...now, pinned: isPinned ? [...others, id] : others };
}

/** Charts out of sight, or in it again. */
export function withHidden(
  now: Arrangement,
  ids: readonly string[],
  isHidden: boolean,
): Arrangement {
  const others = now.hidden.filter((one) => !ids.includes(one));
  return { ...now, hidden: isHidden ? [...others, ...ids] : others };
}

export const PINNED = "pinned";
export const MADE = "made";

/**
 * A group in a new order, `shown` being the charts of it that were there to be moved. What this
 * run or the filter does not show keeps its place between them. `asItComes` is the order without
 * any choice: what still follows it need not be named.
 */
export function withOrder(
  now: Arrangement,
  group: string,
  shown: readonly string[],
  asItComes: readonly string[],
): Arrangement {
  if (group === PINNED) return { ...now, pinned: reordered(now.pinned, shown) };
  if (group === MADE) {
    const ids = reordered(
      now.made.map((chart) => chart.id),
      shown,
    );
    const byId = new Map(now.made.map((chart) => [chart.id, chart]));
    return { ...now, made: ids.flatMap((id) => byId.get(id) ?? []) };
  }
  const listed = reordered(now.order[group] ?? [], shown);
  const gone = new Set([...now.pinned, ...now.hidden]);
  const usual = asItComes.filter((id) => !gone.has(id));
  return { ...now, order: { ...now.order, [group]: withoutTail(listed, usual) } };
}

/** The list without those at its end that would stand there unnamed as well. */
function withoutTail(listed: readonly string[], usual: readonly string[]): string[] {
  const ranks = new Map(usual.map((id, at) => [id, at]));
  const named = new Set(listed);
  let next = usual.findIndex((id) => !named.has(id));
  if (next < 0) next = usual.length;
  let end = listed.length;
  for (; end > 0; end -= 1) {
    const rank = ranks.get(listed[end - 1] ?? "");
    if (rank === undefined || rank > next) break;
    next = rank;
  }
  return listed.slice(0, end);
}

/** The places that `kept` has for what is in `shown` are filled in the order of `shown`. */
function reordered(kept: readonly string[], shown: readonly string[]): string[] {
  const next = shown.values();
  const moved = new Set(shown);
  const filled = kept.map((id) => (moved.has(id) ? (next.next().value ?? id) : id));
  return [...filled, ...next];
}

/** A chart drawn by hand: a new one at `at`, or at the end, else what it is now. */
export function withMade(now: Arrangement, chart: MadeChart, at = now.made.length): Arrangement {
  const isThere = now.made.some((one) => one.id === chart.id);
  const made = isThere
    ? now.made.map((one) => (one.id === chart.id ? chart : one))
    : now.made.toSpliced(at, 0, chart);
  return { ...now, made };
}

/** Without a chart that was drawn by hand. */
export function withoutMade(now: Arrangement, id: string): Arrangement {
  return {
    ...withPin(withHidden(now, [id], false), id, false),
    made: now.made.filter((one) => one.id !== id),
  };
}

/** A deleted chart as and where it was; what was arranged since then stays. */
export function withMadeAgain(now: Arrangement, before: Arrangement, id: string): Arrangement {
  const at = before.made.findIndex((one) => one.id === id);
  const chart = before.made[at];
  if (!chart) return now;
  const place = before.pinned.indexOf(id);
  const pinned = place < 0 ? now.pinned : now.pinned.toSpliced(place, 0, id);
  return withMade({ ...now, pinned }, chart, at);
}

/** An id that no other chart of the arrangement has. */
export function newId(now: Arrangement): string {
  for (let number = now.made.length + 1; ; number += 1) {
    const id = `hand:${number}`;
    if (!now.made.some((chart) => chart.id === id) && !now.pinned.includes(id)) return id;
  }
}
