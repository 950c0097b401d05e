/**
 * Packed columns (`application/vnd.axonml.columns`), as the server sends them to charts.
 *
 * A frame is `AXC1`, a little-endian u32 with the length of the header, the header as JSON, then
 * the arrays one after the other: little-endian, 8-byte items, `i8` (int64) or `f8` (float64).
 */

export const COLUMNS_TYPE = "application/vnd.axonml.columns";

/** One series of one run: n points in rising order of steps. */
export interface SeriesPoints {
  run: string;
  name: string;
  /** Every point is there; else the first, lowest, highest and last of each pixel. */
  isExact: boolean;
  step: Float64Array;
  value: Float64Array;
  wallMs: Float64Array;
  /** The average of every logged point, where smoothing was asked for. */
  average?: Float64Array | undefined;
  /** What another metric had at each step, where that was asked for as x. */
  x?: Float64Array | undefined;
}

export interface SeriesFrame {
  series: SeriesPoints[];
  /** By run, where the live stream goes on. */
  cursors: Record<string, number>;
}

interface Header {
  arrays: [dtype: string, shape: number[]][];
  series: {
    run: string;
    name: string;
    is_exact: boolean;
    is_smoothed?: boolean;
    has_x?: boolean;
  }[];
  cursors: Record<string, number>;
}

const MAGIC = 0x31435841; // "AXC1", read little-endian
const ITEM_BYTES = 8;
const TWO_32 = 2 ** 32;

/** Read the answer to a series query; throws when the bytes are not one whole frame. */
export function decodeSeries(frame: ArrayBuffer): SeriesFrame {
  const { header, arrays } = unpack(frame);
  const nMore = header.series.reduce(
    (n, one) => n + Number(one.is_smoothed ?? false) + Number(one.has_x ?? false),
    0,
  );
  if (arrays.length !== 3 * header.series.length + nMore) {
    throw new Error("the answer holds other columns than step, value and wall time");
  }
  let at = 0;
  const column = (): Float64Array => {
    at += 1;
    return arrays[at - 1] ?? new Float64Array();
  };
  const series = header.series.map((one) => ({
    run: one.run,
    name: one.name,
    isExact: one.is_exact,
    step: column(),
    value: column(),
    wallMs: column(),
    ...(one.is_smoothed ? { average: column() } : {}),
    ...(one.has_x ? { x: column() } : {}),
  }));
  return { series, cursors: header.cursors };
}

function unpack(frame: ArrayBuffer): { header: Header; arrays: Float64Array[] } {
  const view = new DataView(frame);
  if (frame.byteLength < ITEM_BYTES || view.getUint32(0, true) !== MAGIC) {
    throw new Error("the answer is no frame of packed columns");
  }
  const end = ITEM_BYTES + view.getUint32(4, true);
  if (end > frame.byteLength) throw new Error("the frame ends within its header");
  const text = new TextDecoder().decode(new Uint8Array(frame, ITEM_BYTES, end - ITEM_BYTES));
  const header = JSON.parse(text) as Header;
  let at = end;
  const arrays = header.arrays.map(([dtype, shape]) => {
    const n = shape.reduce((product, size) => product * size, 1);
    if (at + n * ITEM_BYTES > frame.byteLength) throw new Error("the frame ends within a column");
    const column = dtype === "f8" ? new Float64Array(frame, at, n) : integers(frame, at, n);
    at += n * ITEM_BYTES;
    return column;
  });
  return { header, arrays };
}

/** int64 as numbers. Halves are joined by hand, since a BigInt for each step is ten times slower. */
function integers(frame: ArrayBuffer, at: number, n: number): Float64Array {
  const halves = new Int32Array(frame, at, 2 * n);
  const numbers = new Float64Array(n);
  for (let i = 0; i < n; i += 1) {
    numbers[i] = (halves[2 * i + 1] ?? 0) * TWO_32 + ((halves[2 * i] ?? 0) >>> 0);
  }
  return numbers;
}
