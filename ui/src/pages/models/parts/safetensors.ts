/** The tensors of a safetensors file, read from its header: 8 bytes of length, then JSON. */

export interface Tensor {
  name: string;
  dtype: string;
  shape: readonly number[];
  n_bytes: number;
}

export interface Tensors {
  items: readonly Tensor[];
  n_parameters: number;
}

/** Reads the bytes `from` to `to` of a file, `to` left out; less where the file ends before. */
export type ReadBytes = (from: number, to: number) => Promise<ArrayBuffer>;

const LENGTH_BYTES = 8;
/** Most headers fit into the first read. */
const FIRST_BYTES = 65_536;
const MOST_BYTES = 32 * 1024 * 1024;
const DTYPES: Record<string, string> = {
  BOOL: "bool",
  F16: "float16",
  BF16: "bfloat16",
  F32: "float32",
  F64: "float64",
  I8: "int8",
  I16: "int16",
  I32: "int32",
  I64: "int64",
  U8: "uint8",
  U16: "uint16",
  U32: "uint32",
  U64: "uint64",
};

/** The tensors in the order in which they lie in the file. */
export async function readTensors(read: ReadBytes): Promise<Tensors> {
  const first = await read(0, FIRST_BYTES);
  if (first.byteLength < LENGTH_BYTES) throw new Error("The file ends within its header.");
  const length = Number(new DataView(first).getBigUint64(0, true));
  if (length > MOST_BYTES) throw new Error("The file's header is too long to be shown here.");
  const end = LENGTH_BYTES + length;
  const whole = end <= first.byteLength ? first : await read(0, end);
  if (whole.byteLength < end) throw new Error("The file ends within its header.");
  return tensorsOf(JSON.parse(new TextDecoder().decode(whole.slice(LENGTH_BYTES, end))));
}

interface Entry {
  dtype: string;
  shape: number[];
  data_offsets: [number, number];
}

function tensorsOf(header: Record<string, Entry>): Tensors {
  const entries = Object.entries(header)
    .filter(([name]) => name !== "__metadata__")
    .toSorted(([, a], [, b]) => a.data_offsets[0] - b.data_offsets[0]);
  const items = entries.map(
    ([
      name,
      {
        dtype,
        shape,
        data_offsets: [from, to],
      },
    ]) => ({
      name,
      dtype: DTYPES[dtype] ?? dtype.toLowerCase(),
      shape,
      n_bytes: to - from,
    }),
  );
  const count = (shape: readonly number[]): number =>
    shape.reduce((product, size) => product * size, 1);
  return { items, n_parameters: items.reduce((sum, one) => sum + count(one.shape), 0) };
}
