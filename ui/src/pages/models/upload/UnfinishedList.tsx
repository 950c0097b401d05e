import { createSignal, For, type JSX, onMount, Show } from "solid-js";
import { api } from "~/api/client";
import { Button } from "~/components/Button/Button";
import { bytesText } from "~/components/Bytes/Bytes";
import { Card } from "~/components/Card/Card";
import { toast } from "~/components/toast/toast";
import styles from "./page.module.css";
import { discard } from "./send";
import { allRemembered, forget, type Unfinished } from "./unfinished";

interface Row {
  key: string;
  upload: Unfinished;
  offset: number;
}

/** What was begun in this browser and is not over; the same file goes on where it was. */
export function UnfinishedList(): JSX.Element {
  const [rows, setRows] = createSignal<Row[]>([]);

  onMount(() => {
    void Promise.all(allRemembered().map(asked)).then((found) =>
      setRows(found.filter((row) => row !== null)),
    );
  });
  const drop = async (row: Row): Promise<void> => {
    forget(row.key);
    setRows((before) => before.filter((one) => one.key !== row.key));
    try {
      await discard(row.upload.url);
      toast(`The upload of ${row.upload.filename} is discarded`);
    } catch {
      toast("The server keeps what was sent until it expires", { kind: "error" });
    }
  };

  return (
    <Show when={rows().length > 0}>
      <div class={styles.above}>
        <Card title="Not finished">
          <p class={styles.hint}>Choose the same file again, and it goes on where it was.</p>
          <ul class={styles.unfinished}>
            <For each={rows()}>
              {(row) => (
                <li>
                  <span>
                    <strong>{row.upload.filename}</strong> to {row.upload.model_name}:{" "}
                    <span class="figures">
                      {bytesText(row.offset)} of {bytesText(row.upload.size)}
                    </span>
                  </span>
                  <Button
                    size="small"
                    aria-label={`Discard the upload of ${row.upload.filename}`}
                    onClick={() => void drop(row)}
                  >
                    Discard
                  </Button>
                </li>
              )}
            </For>
          </ul>
        </Card>
      </div>
    </Show>
  );
}

/** How far the server has it; an upload that it does not know any more is forgotten. */
async function asked(one: { key: string; upload: Unfinished }): Promise<Row | null> {
  const upload_id = one.upload.url.split("/").pop() ?? "";
  const path = { model_id: one.upload.model_id, upload_id };
  const { data, response } = await api
    .GET("/api/models/{model_id}/uploads/{upload_id}", { params: { path } })
    .catch(() => ({ data: undefined, response: undefined }));
  if (data?.status === "receiving") return { ...one, offset: data.offset };
  if (data || response?.status === 404) forget(one.key);
  return null;
}
