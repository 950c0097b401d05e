import { expect, test } from "vitest";
import { lookInto } from "./header";

const encoder = new TextEncoder();

function varint(value: number): number[] {
  const bytes: number[] = [];
  let left = value;
  while (left > 127) {
    bytes.push((left % 128) + 128);
    left = Math.floor(left / 128);
  }
  return [...bytes, left];
}

function field(number: number, bytes: readonly number[]): number[] {
  return [...varint(number * 8 + 2), ...varint(bytes.length), ...bytes];
}

function text(number: number, value: string): number[] {
  return field(number, [...encoder.encode(value)]);
}

function valueInfo(name: string, sizes: readonly (number | string)[]): number[] {
  const dims = sizes.flatMap((size) =>
    field(1, typeof size === "number" ? [8, ...varint(size)] : text(2, size)),
  );
  const tensor = [8, 1, ...field(2, dims)];
  return [...text(1, name), ...field(2, field(1, tensor))];
}

/** A graph with one weight of 3 x 4, an input, and that weight named among the inputs. */
const GRAPH = [
  ...field(1, text(4, "MatMul")),
  ...field(5, [
    ...field(1, [3, 4]),
    16,
    1,
    ...text(8, "w"),
    ...field(
      9,
      Array.from({ length: 48 }, () => 0),
    ),
  ]),
  ...field(11, valueInfo("x", ["batch", 3])),
  ...field(11, valueInfo("w", [3, 4])),
  ...field(12, valueInfo("y", ["batch", 4])),
];
const ONNX = [8, 8, ...text(2, "pytorch"), ...field(7, GRAPH)];

function file(bytes: readonly number[], name: string): File {
  return new File([new Uint8Array(bytes)], name);
}

function safetensors(header: unknown, data = 0): File {
  const json = [...encoder.encode(JSON.stringify(header))];
  const length = [json.length % 256, Math.floor(json.length / 256), 0, 0, 0, 0, 0, 0];
  return file([...length, ...json, ...Array.from({ length: data }, () => 0)], "m.safetensors");
}

test("an ONNX file tells its inputs, outputs and size", async () => {
  const facts = await lookInto(file(ONNX, "m.onnx"));
  expect(facts.format).toBe("ONNX");
  expect(facts.rows).toEqual([
    { label: "Input x", value: "float32 [any, 3]" },
    { label: "Output y", value: "float32 [any, 4]" },
    { label: "Parameters", value: "12" },
    { label: "Operators", value: "1" },
    { label: "Written by", value: "pytorch" },
  ]);
});

test("every cut of an ONNX file is refused or read, never an endless loop", async () => {
  for (let size = 1; size < ONNX.length; size += 1) {
    const facts = await lookInto(file(ONNX.slice(0, size), "m.onnx"));
    expect(facts.refusal).toBeTruthy();
  }
});

test("lengths that lie are refused", async () => {
  const liar = [8, 8, 58, 255, 255, 255, 255, 255, 255, 255, 255, 255, 1];
  expect((await lookInto(file(liar, "m.onnx"))).refusal).toContain("damaged");
  const zeros = Array.from({ length: 4000 }, () => 0);
  expect((await lookInto(file([8, 8, ...zeros], "m.onnx"))).refusal).toContain("damaged");
});

test("a safetensors file tells its tensors", async () => {
  const header = {
    a: { dtype: "F32", shape: [2, 3], data_offsets: [0, 24] },
    b: { dtype: "F16", shape: [5], data_offsets: [24, 34] },
  };
  const facts = await lookInto(safetensors(header, 34));
  expect(facts.rows.map((row) => row.value)).toEqual(["2", "11", "float32, float16"]);
});

test("a header that is too long, cut or no JSON is refused", async () => {
  const long = [255, 255, 255, 255, 255, 255, 255, 127, 0x7b];
  expect((await lookInto(file(long, "m.safetensors"))).refusal).toContain("too long");
  const cut = [200, 0, 0, 0, 0, 0, 0, 0, 0x7b];
  expect((await lookInto(file(cut, "m.safetensors"))).refusal).toContain("ends within");
  const broken = [2, 0, 0, 0, 0, 0, 0, 0, 0x7b, 0x7b];
  expect((await lookInto(file(broken, "m.safetensors"))).refusal).toContain("damaged");
  expect((await lookInto(safetensors({ a: 1 }))).refusal).toBeTruthy();
});

test("a pickle is kept with a word, but not under another name", async () => {
  const pickle = [0x80, 4, 0x95];
  expect((await lookInto(file(pickle, "m.pkl"))).notice).toContain("never loaded");
  expect((await lookInto(file(pickle, "m.onnx"))).refusal).toContain("no onnx file");
});

test("an empty file and one beyond the server's limit are refused at once", async () => {
  expect((await lookInto(file([], "m.onnx"))).refusal).toBe("The file is empty.");
  const facts = await lookInto(file(ONNX, "m.onnx"), 10);
  expect(facts.refusal).toContain("10 B");
});
