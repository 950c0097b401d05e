const COLOURS = 10;

/** The colour of a run wherever many stand together: the same run has the same one everywhere. */
export function runColour(id: string): string {
  // FNV-1a: ids made in one second differ in their last signs only, and must not look alike.
  let hash = 0x811c9dc5;
  for (let at = 0; at < id.length; at += 1) {
    hash = Math.imul(hash ^ id.charCodeAt(at), 0x01000193);
  }
  return `var(--series-${((hash >>> 0) % COLOURS) + 1})`;
}
