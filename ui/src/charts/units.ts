/** Values in the unit that people read: a fraction as %, 9,000 MiB as GiB. */
import { tickText, valueText } from "./format";
import type { ChartSeries } from "./series";

/** What values are shown in; one of it is `per` of what was logged. */
export interface Unit {
  name: string;
  per: number;
}

const PLAIN: Unit = { name: "", per: 1 };
const LEADS = [1, 2, 2.5, 5];
const EXPONENTS = Array.from({ length: 24 }, (_, i) => i - 10);

/** The unit of all the lines, where it is one. */
export function unitOf(series: readonly ChartSeries[]): Unit {
  const first = series[0]?.unit ?? PLAIN;
  return series.every((one) => isSameUnit(one.unit ?? PLAIN, first)) ? first : PLAIN;
}

/** A value of a line with its unit: 43.2%, 8.9 GiB. */
export function unitText(value: number | null | undefined, unit: Unit = PLAIN): string {
  if (value === null || value === undefined || !Number.isFinite(value)) return valueText(value);
  const text = valueText(value / unit.per);
  return unit.name ? `${text}${gapBefore(unit)}${unit.name}` : text;
}

/** A value as a tick: only % is written at each, what is longer would not fit. */
export function unitTick(value: number, unit: Unit): string {
  return `${tickText(value / unit.per)}${unit.name === "%" ? "%" : ""}`;
}

/** What may lie between two lines of an axis, so that they stand at round values of the unit. */
export function unitSteps(unit: Unit): number[] | undefined {
  if (unit.per === 1) return undefined;
  return EXPONENTS.flatMap((e) => LEADS.map((lead) => Number(`${lead}e${e}`) * unit.per));
}

function isSameUnit(a: Unit, b: Unit): boolean {
  return a.name === b.name && a.per === b.per;
}

function gapBefore(unit: Unit): string {
  return unit.name === "%" ? "" : " ";
}
