import type { Piece } from "./ansi";

/** Cut pieces where `text` stands in the whole line, letter case aside; those parts get `found`. */
export function marked(pieces: readonly Piece[], text: string): readonly Piece[] {
  if (!text) return pieces;
  const line = pieces
    .map((piece) => piece.text)
    .join("")
    .toLowerCase();
  const sought = text.toLowerCase();
  const isFound = new Uint8Array(line.length);
  for (let at = line.indexOf(sought); at >= 0; at = line.indexOf(sought, at + sought.length)) {
    isFound.fill(1, at, at + sought.length);
  }
  if (!isFound.includes(1)) return pieces;
  const cut: Piece[] = [];
  let place = 0;
  for (const piece of pieces) {
    for (let from = 0; from < piece.text.length;) {
      let to = from + 1;
      while (to < piece.text.length && isFound[place + to] === isFound[place + from]) to += 1;
      const styles = isFound[place + from] ? [...piece.styles, "found"] : piece.styles;
      cut.push({ text: piece.text.slice(from, to), styles });
      from = to;
    }
    place += piece.text.length;
  }
  return cut;
}
