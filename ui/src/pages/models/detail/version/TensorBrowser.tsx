import { createVirtualizer } from "@tanstack/solid-virtual";
import { createMemo, createSignal, For, type JSX, onMount, Show } from "solid-js";
import { bytesText } from "~/components/Bytes/Bytes";
import { Card } from "~/components/Card/Card";
import type { Tensors } from "../../parts/safetensors";
import { countText, filterTensors, type Order, sortTensors } from "./tensors";
import styles from "./version.module.css";

const ROW = 36;

/** The tensors of a file: only the rows in view exist, so that there may be many thousands. */
export default function TensorBrowser(props: { tensors: Tensors }): JSX.Element {
  let place: HTMLDivElement | undefined;
  const [frame, setFrame] = createSignal<HTMLDivElement>();
  const [wanted, setWanted] = createSignal("");
  const [order, setOrder] = createSignal<Order>("file");
  const shown = createMemo(() =>
    sortTensors(filterTensors(props.tensors.items, wanted()), order()),
  );
  const sum = (): number => shown().reduce((bytes, one) => bytes + one.n_bytes, 0);
  const largest = createMemo(() => Math.max(1, ...props.tensors.items.map((one) => one.n_bytes)));
  const rows = createVirtualizer({
    get count() {
      return shown().length;
    },
    getScrollElement: () => frame() ?? null,
    estimateSize: () => ROW,
    overscan: 8,
  });
  onMount(() => setFrame(place));
  return (
    <Card
      flush
      title="Tensors"
      actions={
        <>
          <input
            type="search"
            class={styles.search}
            aria-label="Filter tensors by name, type or shape"
            placeholder="Filter"
            value={wanted()}
            onInput={(event) => setWanted(event.currentTarget.value)}
          />
          <select
            class={styles.search}
            aria-label="Order of the tensors"
            onChange={(event) => setOrder(event.currentTarget.value === "size" ? "size" : "file")}
          >
            <option value="file">As in the file</option>
            <option value="size">Largest first</option>
          </select>
        </>
      }
    >
      <p class={styles.sum} role="status">
        {shown().length.toLocaleString("en")}
        <Show when={shown().length < props.tensors.items.length}>
          {" "}
          of {props.tensors.items.length.toLocaleString("en")}
        </Show>{" "}
        tensors, {bytesText(sum())} · {countText(props.tensors.n_parameters)} parameters in all
      </p>
      <div
        ref={(element) => {
          place = element;
        }}
        class={styles.tensors}
        tabindex="0"
        role="region"
        aria-label="Tensors, scrollable"
      >
        <div
          class={styles.canvas}
          role="table"
          aria-label="Tensors"
          aria-rowcount={shown().length}
          style={{ height: `${rows.getTotalSize()}px` }}
        >
          <For each={rows.getVirtualItems()}>
            {(item) => (
              <Show when={shown()[item.index]}>
                {(tensor) => (
                  <div
                    class={styles.tensor}
                    role="row"
                    aria-rowindex={item.index + 1}
                    style={{ transform: `translateY(${item.start}px)` }}
                  >
                    <span role="rowheader" title={tensor().name}>
                      <code>{tensor().name}</code>
                    </span>
                    <span role="cell">
                      {tensor().dtype} [{tensor().shape.join(", ")}]
                    </span>
                    <span role="cell" class={styles.share}>
                      <meter
                        min="0"
                        max={largest()}
                        value={tensor().n_bytes}
                        aria-label={`Size of ${tensor().name}`}
                      />
                      <span class="figures">{bytesText(tensor().n_bytes)}</span>
                    </span>
                  </div>
                )}
              </Show>
            )}
          </For>
        </div>
      </div>
    </Card>
  );
}
