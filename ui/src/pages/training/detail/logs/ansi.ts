/** Terminal colours in log lines. */

export interface Piece {
  text: string;
  /** `red`, `bold`, ...; each is a class of the log's style sheet. */
  styles: readonly string[];
}

const COLORS = ["black", "red", "green", "yellow", "blue", "magenta", "cyan", "white"];
// The escape byte is what this is about.
// oxlint-disable-next-line no-control-regex
const SEQUENCE = /\u001B\[([\d;]*)([A-Za-z])/g;

/** Cut a line at its escape sequences; colours become styles, everything else is dropped. */
export function ansiPieces(line: string): Piece[] {
  if (!line.includes("\u001B")) return [{ text: line, styles: [] }];
  const pieces: Piece[] = [];
  let styles: string[] = [];
  let from = 0;
  for (const match of line.matchAll(SEQUENCE)) {
    if (match.index > from) pieces.push({ text: line.slice(from, match.index), styles });
    from = match.index + match[0].length;
    if (match[2] === "m") styles = applied(styles, match[1] ?? "");
  }
  if (from < line.length) pieces.push({ text: line.slice(from), styles });
  return pieces;
}

function applied(before: readonly string[], codes: string): string[] {
  let styles = [...before];
  const without = (names: readonly string[]): string[] =>
    styles.filter((style) => !names.includes(style));
  for (const code of codes.split(";").map(Number)) {
    const color = COLORS[(code >= 90 ? code - 90 : code - 30) % 10];
    const isColor = (code >= 30 && code <= 37) || (code >= 90 && code <= 97);
    if (code === 0) styles = [];
    else if (code === 1) styles = [...without(["bold"]), "bold"];
    else if (code === 2) styles = [...without(["dim"]), "dim"];
    else if (code === 22) styles = without(["bold", "dim"]);
    else if (code === 39) styles = without(COLORS);
    else if (isColor && color) styles = [...without(COLORS), color];
  }
  return styles;
}
