/**
 * What an ONNX file says of its inputs and outputs, read field by field without its weights.
 * The message is a protobuf; field numbers are those of onnx.proto (ModelProto, GraphProto, ...).
 */
import type { ReadBytes } from "./safetensors";

export interface OnnxTensor {
  name: string;
  dtype: string;
  /** -1 is any size. */
  shape: readonly number[];
}

export interface OnnxFacts {
  producer: string;
  inputs: readonly OnnxTensor[];
  outputs: readonly OnnxTensor[];
  n_nodes: number;
  n_parameters: number;
}

const WINDOW_BYTES = 65_536;
const MOST_FIELDS = 400_000;
const MOST_TEXT_BYTES = 4096;
const LONGEST_VARINT = 10;
const VARINT = 0;
const FIXED64 = 1;
const BYTES = 2;
const FIXED32 = 5;
const DTYPES = [
  "undefined",
  "float32",
  "uint8",
  "int8",
  "uint16",
  "int16",
  "int32",
  "int64",
  "string",
  "bool",
  "float16",
  "float64",
  "uint32",
  "uint64",
];

/** A field of a message: its number, where its bytes lie, or its value where it is a number. */
interface FieldPlace {
  number: number;
  from: number;
  to: number;
  value: number;
}

/** Reads a file in windows; messages within messages are walked without being copied. */
class Walk {
  private window = new Uint8Array();
  private start = 0;
  private n_fields = 0;

  private readonly read: ReadBytes;
  private readonly size: number;

  constructor(read: ReadBytes, size: number) {
    this.read = read;
    this.size = size;
  }

  /** The fields from `from` to `to`, in their order. */
  async *fields(from: number, to: number): AsyncGenerator<FieldPlace> {
    let at = from;
    while (at < to) {
      this.n_fields += 1;
      if (this.n_fields > MOST_FIELDS) throw new Error("The file has too many parts.");
      const [tag, afterTag] = await this.varint(at);
      const number = Math.floor(tag / 8);
      const kind = tag % 8;
      const [value, after] =
        kind === VARINT || kind === BYTES ? await this.varint(afterTag) : [0, afterTag];
      const length = kind === BYTES ? value : kind === FIXED64 ? 8 : kind === FIXED32 ? 4 : 0;
      const isKnown = kind === VARINT || kind === BYTES || kind === FIXED64 || kind === FIXED32;
      if (!isKnown || number === 0 || after + length > to) throw damaged();
      yield { number, from: after, to: after + length, value };
      at = after + length;
    }
  }

  async text(field: FieldPlace): Promise<string> {
    const end = Math.min(field.to, field.from + MOST_TEXT_BYTES);
    return new TextDecoder().decode(await this.read(field.from, end));
  }

  /** The numbers of a repeated field, packed or one by one. */
  async numbers(field: FieldPlace): Promise<number[]> {
    if (field.from === field.to) return [field.value];
    const found: number[] = [];
    let at = field.from;
    while (at < field.to && found.length < 64) {
      const [value, after] = await this.varint(at);
      found.push(value);
      at = after;
    }
    return found;
  }

  private async varint(from: number): Promise<[number, number]> {
    let value = 0;
    for (let at = from; at < Math.min(from + LONGEST_VARINT, this.size); at += 1) {
      const byte = await this.byte(at);
      value += (byte & 0x7f) * 2 ** (7 * (at - from));
      if (byte < 0x80) return [value, at + 1];
    }
    throw damaged();
  }

  private async byte(at: number): Promise<number> {
    if (at < this.start || at >= this.start + this.window.length) {
      this.start = at;
      this.window = new Uint8Array(await this.read(at, Math.min(at + WINDOW_BYTES, this.size)));
    }
    return this.window[at - this.start] ?? 0;
  }
}

/** Reads what the file says of itself; throws where it is cut or no ONNX. */
export async function readOnnx(read: ReadBytes, size: number): Promise<OnnxFacts> {
  const walk = new Walk(read, size);
  let producer = "";
  let graph: FieldPlace | undefined;
  for await (const field of walk.fields(0, size)) {
    if (field.number === 2) producer = await walk.text(field);
    if (field.number === 7) graph = field;
  }
  if (!graph) throw new Error("The file has no ONNX graph.");
  const inputs: OnnxTensor[] = [];
  const outputs: OnnxTensor[] = [];
  const constants = new Set<string>();
  let n_nodes = 0;
  let n_parameters = 0;
  for await (const field of walk.fields(graph.from, graph.to)) {
    if (field.number === 1) n_nodes += 1;
    if (field.number === 5) {
      const weight = await initializer(walk, field);
      constants.add(weight.name);
      n_parameters += weight.n;
    }
    if (field.number === 11) inputs.push(await valueInfo(walk, field));
    if (field.number === 12) outputs.push(await valueInfo(walk, field));
  }
  const asked = inputs.filter((one) => !constants.has(one.name));
  return { producer, inputs: asked, outputs, n_nodes, n_parameters };
}

async function initializer(walk: Walk, place: FieldPlace): Promise<{ name: string; n: number }> {
  let name = "";
  let n = 1;
  for await (const field of walk.fields(place.from, place.to)) {
    if (field.number === 1) for (const size of await walk.numbers(field)) n *= size;
    if (field.number === 8) name = await walk.text(field);
  }
  return { name, n };
}

async function valueInfo(walk: Walk, place: FieldPlace): Promise<OnnxTensor> {
  let name = "";
  let dtype = "";
  const shape: number[] = [];
  for await (const field of walk.fields(place.from, place.to)) {
    if (field.number === 1) name = await walk.text(field);
    if (field.number !== 2) continue;
    for await (const kind of walk.fields(field.from, field.to)) {
      if (kind.number !== 1) continue;
      for await (const part of walk.fields(kind.from, kind.to)) {
        if (part.number === 1) dtype = DTYPES[part.value] ?? "other";
        if (part.number === 2) {
          for await (const dimension of walk.fields(part.from, part.to)) {
            shape.push(await sizeOf(walk, dimension));
          }
        }
      }
    }
  }
  return { name, dtype, shape };
}

async function sizeOf(walk: Walk, dimension: FieldPlace): Promise<number> {
  for await (const field of walk.fields(dimension.from, dimension.to)) {
    if (field.number === 1) return field.value;
  }
  return -1;
}

function damaged(): Error {
  return new Error("The file is damaged: it cannot be read as ONNX to its end.");
}
