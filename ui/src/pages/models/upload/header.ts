/** What a file is, found in the browser before a byte of it is sent. */
import { bytesText } from "~/components/Bytes/Bytes";
import { readOnnx, type OnnxTensor } from "../parts/onnx";
import { type ReadBytes, readTensors } from "../parts/safetensors";

export interface FileFacts {
  /** As people call the format. */
  format: string;
  rows: readonly { label: string; value: string }[];
  /** The file will be kept, but not served; or something to know. */
  notice?: string;
  /** Why sending it makes no sense. */
  refusal?: string;
}

const HEAD_BYTES = 16;
const CODE =
  "Files like this can run code when they are loaded. It will be kept and never loaded; to serve the model, export it to ONNX.";
const MAGIC: readonly [readonly number[], string][] = [
  [[0x50, 0x4b, 0x03, 0x04], "Archive (PyTorch, Keras or skops)"],
  [[0x89, 0x48, 0x44, 0x46], "HDF5 (Keras)"],
];

/** Look into the file; `mostBytes` is the server's limit, where it is known. */
export async function lookInto(file: File, mostBytes?: number): Promise<FileFacts> {
  if (file.size === 0) return refused("Empty file", "The file is empty.");
  if (mostBytes !== undefined && file.size > mostBytes) {
    const limit = `This server takes files of up to ${bytesText(mostBytes)}.`;
    return refused("File", `The file has ${bytesText(file.size)}. ${limit}`);
  }
  const read: ReadBytes = (from, to) => file.slice(from, to).arrayBuffer();
  const head = new Uint8Array(await read(0, HEAD_BYTES));
  const claims = file.name.toLowerCase().match(/\.(onnx|safetensors)$/)?.[1];
  const code = carriesCode(head);
  if (code !== undefined) {
    return claims === undefined
      ? { format: code, rows: [], notice: CODE }
      : refused(code, `This is no ${claims} file, whatever its name says.`);
  }
  try {
    if (head[8] === 0x7b || claims === "safetensors") return await safetensors(read);
    if (head[0] === 0x08 || claims === "onnx") return await onnx(read, file.size);
  } catch (error) {
    const said = error instanceof Error ? error.message : "The file cannot be read.";
    return refused(
      claims ?? "File",
      error instanceof SyntaxError ? "The file's header is damaged." : said,
    );
  }
  return { format: "Other", rows: [], notice: "The server decides what it is once it is there." };
}

function carriesCode(head: Uint8Array): string | undefined {
  const isPickle = head[0] === 0x80 && (head[1] ?? 0) >= 2 && (head[1] ?? 0) <= 5;
  if (isPickle) return "Pickle";
  return MAGIC.find(([bytes]) => bytes.every((byte, at) => head[at] === byte))?.[1];
}

async function safetensors(read: ReadBytes): Promise<FileFacts> {
  const { items, n_parameters } = await readTensors(read);
  const dtypes = [...new Set(items.map((one) => one.dtype))].join(", ");
  return {
    format: "safetensors",
    rows: [
      { label: "Tensors", value: items.length.toLocaleString() },
      { label: "Parameters", value: n_parameters.toLocaleString() },
      { label: "Types", value: dtypes },
    ],
  };
}

async function onnx(read: ReadBytes, size: number): Promise<FileFacts> {
  const found = await readOnnx(read, size);
  return {
    format: "ONNX",
    rows: [
      ...found.inputs.map((one) => ({ label: `Input ${one.name}`, value: tensorText(one) })),
      ...found.outputs.map((one) => ({ label: `Output ${one.name}`, value: tensorText(one) })),
      { label: "Parameters", value: found.n_parameters.toLocaleString() },
      { label: "Operators", value: found.n_nodes.toLocaleString() },
      ...(found.producer ? [{ label: "Written by", value: found.producer }] : []),
    ],
  };
}

function tensorText(tensor: OnnxTensor): string {
  return `${tensor.dtype} [${tensor.shape.map((size) => (size < 0 ? "any" : size)).join(", ")}]`;
}

function refused(format: string, refusal: string): FileFacts {
  return { format, rows: [], refusal };
}
