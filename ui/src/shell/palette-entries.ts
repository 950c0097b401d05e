/** One thing that the palette can do. */
export interface Entry {
  name: string;
  kind: string;
  run: () => void;
}

/** The entries whose words begin, in order, as the typed words do; all of them for no text. */
export function matching(entries: readonly Entry[], text: string): Entry[] {
  const wanted = text.toLowerCase().split(/\s+/).filter(Boolean);
  return entries.filter((entry) => {
    const words = entry.name.toLowerCase().split(/[\s:]+/);
    let from = 0;
    return wanted.every((part) => {
      const at = words.findIndex((word, index) => index >= from && word.startsWith(part));
      from = at + 1;
      return at >= 0;
    });
  });
}
