import type { Tensor } from "../../parts/safetensors";

export type Order = "file" | "size";

/** The tensors whose name, type or shape has every word of a text. */
export function filterTensors(tensors: readonly Tensor[], text: string): readonly Tensor[] {
  const words = text.toLowerCase().split(/\s+/).filter(Boolean);
  if (words.length === 0) return tensors;
  return tensors.filter((tensor) => {
    const all = `${tensor.name} ${tensor.dtype} [${tensor.shape.join(", ")}]`.toLowerCase();
    return words.every((word) => all.includes(word));
  });
}

export function sortTensors(tensors: readonly Tensor[], order: Order): readonly Tensor[] {
  return order === "file" ? tensors : tensors.toSorted((a, b) => b.n_bytes - a.n_bytes);
}

/** "126,720", "1.24 M", "6.74 B": counts as people say them of models. */
export function countText(count: number): string {
  if (count < 1e6) return count.toLocaleString("en");
  if (count < 1e9) return `${(count / 1e6).toPrecision(3)} M`;
  return `${(count / 1e9).toPrecision(3)} B`;
}
