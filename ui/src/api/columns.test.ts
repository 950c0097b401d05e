import { expect, test } from "vitest";
import { decodeSeries } from "./columns";

/** A frame as the server packs it: header padded to 8 bytes, then the columns. */
function frameOf(header: object, columns: readonly (BigInt64Array | Float64Array)[]): ArrayBuffer {
  const arrays = columns.map((column) => [
    column instanceof Float64Array ? "f8" : "i8",
    [column.length],
  ]);
  let head = JSON.stringify({ ...header, arrays });
  while ((new TextEncoder().encode(head).length + 8) % 8 !== 0) head += " ";
  const bytes = new TextEncoder().encode(head);
  const size = columns.reduce((sum, column) => sum + column.byteLength, 8 + bytes.length);
  const frame = new Uint8Array(size);
  frame.set(new TextEncoder().encode("AXC1"));
  new DataView(frame.buffer).setUint32(4, bytes.length, true);
  frame.set(bytes, 8);
  let at = 8 + bytes.length;
  for (const column of columns) {
    frame.set(new Uint8Array(column.buffer, column.byteOffset, column.byteLength), at);
    at += column.byteLength;
  }
  return frame.buffer;
}

const HEADER = { series: [{ run: "r1", name: "loss", is_exact: true }], cursors: { r1: 7 } };

function lossFrame(step: bigint[], value: number[], wall: bigint[]): ArrayBuffer {
  return frameOf(HEADER, [
    BigInt64Array.from(step),
    Float64Array.from(value),
    BigInt64Array.from(wall),
  ]);
}

test("a frame gives series and cursors back, with steps before zero and beyond 32 bits", () => {
  const steps = [-5n, 0n, 4_294_967_296n, 9_007_199_254_740_991n];
  const walls = [1_795_000_000_000n, 1_795_000_000_001n, 1_795_000_000_002n, 1_795_000_000_003n];

  const frame = decodeSeries(lossFrame(steps, [0.5, Number.NaN, Infinity, -Infinity], walls));

  expect(frame).toEqual({
    series: [
      {
        run: "r1",
        name: "loss",
        isExact: true,
        step: Float64Array.from(steps.map(Number)),
        value: Float64Array.from([0.5, Number.NaN, Infinity, -Infinity]),
        wallMs: Float64Array.from(walls.map(Number)),
      },
    ],
    cursors: { r1: 7 },
  });
});

test("names beyond ASCII survive", () => {
  const header = { series: [{ run: "r1", name: "Güte/λ", is_exact: false }], cursors: {} };

  const frame = decodeSeries(
    frameOf(header, [new BigInt64Array(), new Float64Array(), new BigInt64Array()]),
  );

  expect(frame.series[0]?.name).toBe("Güte/λ");
});

test("an answer without series is empty", () => {
  expect(decodeSeries(frameOf({ series: [], cursors: { r1: 3 } }, []))).toEqual({
    series: [],
    cursors: { r1: 3 },
  });
});

test("bytes that are no frame, and a frame cut anywhere, are refused", () => {
  const whole = lossFrame([1n, 2n], [0.1, 0.2], [10n, 20n]);

  expect(() => decodeSeries(new TextEncoder().encode("<html></html>").buffer)).toThrow(/no frame/);
  for (let size = 0; size < whole.byteLength; size += 1) {
    expect(() => decodeSeries(whole.slice(0, size))).toThrow(Error);
  }
});

test("a million points are read in a few milliseconds", () => {
  const n = 1_000_000;
  const frame = frameOf(HEADER, [new BigInt64Array(n), new Float64Array(n), new BigInt64Array(n)]);
  const before = performance.now();

  const [series] = decodeSeries(frame).series;

  expect(series?.step.length).toBe(n);
  // Far above what it takes (about 10 ms), far below what a BigInt for each step would.
  expect(performance.now() - before).toBeLessThan(500);
});
