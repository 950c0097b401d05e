import type { Compared } from "~/api/types";

/** One line about how two versions' answers differ. */
export function verdict(difference: Compared["difference"]): string {
  const { agrees, max_difference: largest, same_top: sameTop } = difference;
  if (agrees) return "The answers agree.";
  if (largest === null) return "The answers have other outputs, types or shapes.";
  const classes =
    sameTop === null ? "" : sameTop ? " The largest of each row is the same." : " Classes differ.";
  return `The answers differ by up to ${Number(largest.toPrecision(3))}.${classes}`;
}

/** How many answers of a shadow agree with those that callers got, as a line. */
export function agreement(answers: {
  compared: number;
  agreed: number;
  same_top: number | null;
  max_difference: number | null;
  skipped: number;
}): string {
  if (answers.compared === 0) return "No answer has been compared yet.";
  const share = ((answers.agreed / answers.compared) * 100).toFixed(1);
  const parts = [`${answers.agreed} of ${answers.compared} answers agree (${share} %)`];
  if (answers.same_top !== null) parts.push(`${answers.same_top} name the same class`);
  if (answers.max_difference !== null) {
    parts.push(`they differ by up to ${Number(answers.max_difference.toPrecision(3))}`);
  }
  if (answers.skipped > 0) parts.push(`${answers.skipped} copies were skipped`);
  return `${parts.join("; ")}.`;
}
