/** The sentence to show for anything that was thrown, written as a sentence. */
export function messageOf(error: unknown): string {
  const text = (error instanceof Error ? error.message : String(error)).trim();
  // The server's details begin small, as they stand after a name in its log.
  const capital = /^[a-z]+[\s,;]/.test(text) ? text.charAt(0).toUpperCase() + text.slice(1) : text;
  return /[\p{L}\p{N}]$/u.test(capital) ? `${capital}.` : capital;
}
