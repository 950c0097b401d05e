/** From values to places on an axis of length 1, and back. */
import { tickText } from "~/charts/format";
import { logSplits } from "~/charts/range";
import type { Field, FieldValue } from "./fields";

export interface Scale {
  /** 0 at the low end, 1 at the high one; null where the value has no place. */
  place: (value: FieldValue) => number | null;
  /** The number that stands at a place: a value, or the number of a category. */
  numberAt: (place: number) => number;
  /** The number of a value, as brushes keep it. */
  numberOf: (value: FieldValue) => number | null;
  /** What stands at a number, in words. */
  textOf: (number: number) => string;
  ticks: readonly { at: number; text: string }[];
}

const MOST_TICKS = 6;

/** The scale that holds every value of the field. A log scale leaves out what is not above 0. */
export function scaleOf(field: Field, isLog: boolean): Scale {
  return field.isNumber ? numberScale(field, isLog) : wordScale(field);
}

/** Whether a log scale would show anything. */
export function canBeLog(field: Field | undefined): boolean {
  return field?.isNumber === true && field.values.some((v) => typeof v === "number" && v > 0);
}

function numberScale(field: Field, isLog: boolean): Scale {
  const isLogged = isLog && canBeLog(field);
  const raw = (value: number): number => (isLogged ? Math.log10(value) : value);
  const back = (value: number): number => (isLogged ? 10 ** value : value);
  const numberOf = (value: FieldValue): number | null =>
    typeof value === "number" && Number.isFinite(value) && (!isLogged || value > 0) ? value : null;
  const there = field.values.flatMap((value) => numberOf(value) ?? []).map(raw);
  let low = Math.min(...there);
  let high = Math.max(...there);
  if (there.length === 0) [low, high] = [0, 1];
  else if (low === high) {
    const pad = Math.abs(low) * 0.1 || 1;
    [low, high] = [low - pad, high + pad];
  }
  const place = (value: FieldValue): number | null => {
    const number = numberOf(value);
    return number === null ? null : (raw(number) - low) / (high - low);
  };
  const splits = isLogged ? logSplits(back(low), back(high)) : linearSplits(low, high);
  return {
    place,
    numberOf,
    numberAt: (at) => back(low + at * (high - low)),
    textOf: (number) => tickText(Number(number.toPrecision(4))),
    ticks: splits.map((value) => ({
      at: (raw(value) - low) / (high - low),
      text: tickText(value),
    })),
  };
}

/** Round numbers from `low` to `high`, about six. */
export function linearSplits(low: number, high: number): number[] {
  const rough = (high - low) / MOST_TICKS;
  const unit = 10 ** Math.floor(Math.log10(rough));
  const step = unit * ([1, 2, 5, 10].find((lead) => lead * unit >= rough) ?? 10);
  const splits: number[] = [];
  for (let n = Math.ceil(low / step - 1e-9); n * step <= high + step * 1e-9; n += 1) {
    splits.push(Number((n * step).toPrecision(12)));
  }
  return splits;
}

function wordScale(field: Field): Scale {
  const words = [
    ...new Set(field.values.flatMap((value) => (value === null ? [] : [String(value)]))),
  ];
  words.sort((a, b) => a.localeCompare(b, "en", { numeric: true }));
  const last = Math.max(1, words.length - 1);
  const numberOf = (value: FieldValue): number | null => {
    const at = value === null ? -1 : words.indexOf(String(value));
    return at < 0 ? null : at;
  };
  const placeAt = (at: number): number => (words.length === 1 ? 0.5 : at / last);
  return {
    numberOf,
    place: (value) => {
      const at = numberOf(value);
      return at === null ? null : placeAt(at);
    },
    numberAt: (place) => place * last,
    textOf: (number) => words[Math.round(number)] ?? "",
    ticks: words.map((text, at) => ({ at: placeAt(at), text })),
  };
}
