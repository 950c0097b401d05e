import { createEffect, createSignal, on, onCleanup } from "solid-js";
import { fetchApi } from "~/api/client";
import type { MediaItem } from "~/api/types";
import { toast } from "~/components/toast/toast";

const contentPath = (item: MediaItem): string =>
  `/api/training/runs/${item.run}/media/${item.id}/content`;

/** The bytes of a value; they never change, so the browser keeps them. */
export async function contentOf(item: MediaItem): Promise<Response> {
  return fetchApi(contentPath(item));
}

/** An address for `<img>`: the token travels in a header, which an image cannot send. */
export function useImage(item: () => MediaItem): {
  url: () => string | undefined;
  failed: () => boolean;
} {
  const [url, setUrl] = createSignal<string>();
  const [failed, setFailed] = createSignal(false);
  createEffect(
    on(
      () => item().id,
      () => {
        let isOver = false;
        let made: string | undefined;
        setFailed(false);
        void (async () => {
          try {
            const blob = await (await contentOf(item())).blob();
            if (isOver) return;
            made = URL.createObjectURL(blob);
            setUrl(made);
          } catch {
            if (!isOver) setFailed(true);
          }
        })();
        onCleanup(() => {
          isOver = true;
          if (made) URL.revokeObjectURL(made);
        });
      },
    ),
  );
  return { url, failed };
}

/** Save a file under its name. */
export async function saveFile(item: MediaItem): Promise<void> {
  await save(contentPath(item), item.key.split("/").at(-1) ?? item.key);
}

/** Save a version of an artifact as a zip. */
export async function saveArtifact(run: string, name: string, version: number): Promise<void> {
  const path = `/api/training/runs/${run}/artifacts/${encodeURIComponent(name)}/versions/${version}/download`;
  await save(path, `${name}-v${version}.zip`);
}

async function save(path: string, name: string): Promise<void> {
  try {
    const url = URL.createObjectURL(await (await fetchApi(path)).blob());
    const link = document.createElement("a");
    link.href = url;
    link.download = name;
    link.click();
    setTimeout(() => URL.revokeObjectURL(url), 10_000);
  } catch (error) {
    toast(error instanceof Error ? error.message : "The download did not succeed", {
      kind: "error",
    });
  }
}
