import type { JSX } from "solid-js";

const UNITS = ["B", "KiB", "MiB", "GiB", "TiB"];

/** "1.4 MiB": powers of 1024, three figures at most. */
export function bytesText(value: number): string {
  let size = value;
  let unit = 0;
  while (size >= 1024 && unit < UNITS.length - 1) {
    size /= 1024;
    unit += 1;
  }
  const digits = unit === 0 || size >= 100 ? 0 : 1;
  return `${size.toFixed(digits)} ${UNITS[unit]}`;
}

/** A size, with the exact number of bytes as its title. */
export function Bytes(props: { value: number }): JSX.Element {
  return (
    <span class="figures" title={`${props.value.toLocaleString("en")} bytes`}>
      {bytesText(props.value)}
    </span>
  );
}
