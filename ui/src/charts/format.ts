/** Short text for a value on an axis or in a legend: five significant figures at most. */
export function valueText(value: number | null | undefined): string {
  if (value === null || value === undefined) return "–";
  if (Number.isNaN(value)) return "NaN";
  if (!Number.isFinite(value)) return value > 0 ? "+infinity" : "−infinity";
  if (value === 0) return "0";
  const size = Math.abs(value);
  if (size >= 1e7 || size < 1e-4) return value.toExponential(2).replace("e+", "e");
  if (size >= 1000) return value.toLocaleString("en", { maximumFractionDigits: 1 });
  return String(Number(value.toPrecision(5)));
}

/** Shorter still, for ticks: 12k, 1.5M, 2e-4. */
export function tickText(value: number): string {
  const size = Math.abs(value);
  if (size === 0) return "0";
  if (size >= 1e9 || size < 1e-3) return value.toExponential().replace("e+", "e");
  if (size >= 1e6) return `${Number((value / 1e6).toPrecision(4))}M`;
  if (size >= 1e4) return `${Number((value / 1e3).toPrecision(4))}k`;
  return String(Number(value.toPrecision(6)));
}

/** Seconds since a start: 45s, 3:20, 1:02:05. */
export function elapsedText(seconds: number): string {
  const size = Math.abs(seconds);
  if (size < 60) return `${Number(seconds.toPrecision(3))}s`;
  const two = (value: number): string => String(Math.floor(value)).padStart(2, "0");
  if (size < 3600) return `${Math.floor(seconds / 60)}:${two(seconds % 60)}`;
  return `${Math.floor(seconds / 3600)}:${two((seconds / 60) % 60)}:${two(seconds % 60)}`;
}

/** A wall time (s since 1970) as the clock shows it here. */
export function clockText(seconds: number): string {
  return new Date(seconds * 1000).toLocaleTimeString([], {
    hour: "2-digit",
    minute: "2-digit",
    second: "2-digit",
  });
}

/** The same for a tick, as short as ticks that are `step` seconds apart may be. */
export function clockTick(seconds: number, step: number): string {
  const at = new Date(seconds * 1000);
  if (step >= 86_400) return at.toLocaleDateString([], { month: "short", day: "numeric" });
  if (step >= 60) return at.toLocaleTimeString([], { hour: "2-digit", minute: "2-digit" });
  return clockText(seconds);
}
