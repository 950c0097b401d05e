import { expect, test } from "vitest";
import { readTensors } from "./safetensors";

function aFile(header: object, data = 0): Uint8Array<ArrayBuffer> {
  const json = new TextEncoder().encode(JSON.stringify(header));
  const file = new Uint8Array(8 + json.length + data);
  new DataView(file.buffer).setBigUint64(0, BigInt(json.length), true);
  file.set(json, 8);
  return file;
}

const reading = (file: Uint8Array<ArrayBuffer>) => {
  const reads: [number, number][] = [];
  const read = async (from: number, to: number): Promise<ArrayBuffer> => {
    reads.push([from, to]);
    return file.slice(from, to).buffer;
  };
  return { read, reads };
};

test("tensors come as they lie in the file, with their sizes and the parameters in all", async () => {
  const { read, reads } = reading(
    aFile({
      __metadata__: { format: "pt" },
      "b.weight": { dtype: "F32", shape: [2, 3], data_offsets: [4, 28] },
      "a.bias": { dtype: "BF16", shape: [2], data_offsets: [0, 4] },
    }),
  );

  const found = await readTensors(read);

  expect(found.items).toEqual([
    { name: "a.bias", dtype: "bfloat16", shape: [2], n_bytes: 4 },
    { name: "b.weight", dtype: "float32", shape: [2, 3], n_bytes: 24 },
  ]);
  expect(found.n_parameters).toBe(8);
  expect(reads).toHaveLength(1);
});

test("a long header is read on, and nothing beyond it", async () => {
  const many = Array.from({ length: 2000 }, (_, at): [string, object] => [
    `layers.${at}.weight`,
    { dtype: "F32", shape: [1], data_offsets: [at * 4, at * 4 + 4] },
  ]);
  const file = aFile(Object.fromEntries(many), 8000);
  const { read, reads } = reading(file);

  expect((await readTensors(read)).items).toHaveLength(2000);
  expect(reads.at(-1)).toEqual([0, file.length - 8000]);
});

test("a file that ends too soon or claims too much is told of", async () => {
  const cut = aFile({ a: { dtype: "F32", shape: [1], data_offsets: [0, 4] } }).slice(0, 20);
  const huge = aFile({});
  new DataView(huge.buffer).setBigUint64(0, 2n ** 60n, true);

  await expect(readTensors(reading(cut).read)).rejects.toThrow("ends within its header");
  await expect(readTensors(reading(huge).read)).rejects.toThrow("too long");
  await expect(readTensors(reading(new Uint8Array(3)).read)).rejects.toThrow("ends within");
});
