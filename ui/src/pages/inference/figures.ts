/** "1.9 ms", "320 µs", "1.2 s"; a dash where nothing was measured. */
export function latencyText(ms: number | null | undefined): string {
  if (ms === null || ms === undefined) return "–";
  if (ms < 1) return `${Math.round(ms * 1000)} µs`;
  if (ms < 1000) return `${ms < 100 ? ms.toFixed(1) : Math.round(ms)} ms`;
  return `${(ms / 1000).toFixed(1)} s`;
}

/** "12.5/s", "1,234/s". */
export function rateText(perSecond: number | undefined): string {
  if (perSecond === undefined) return "–";
  const digits = perSecond > 0 && perSecond < 100 ? 1 : 0;
  return `${perSecond.toLocaleString("en", { maximumFractionDigits: digits })}/s`;
}
