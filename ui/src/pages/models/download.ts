import { fetchApi } from "~/api/client";

/** Fetch a version's file with the token and hand it to the browser's downloads. */
export async function download(modelId: string, version: number): Promise<void> {
  const response = await fetchApi(`/api/models/${modelId}/versions/${version}/download`);
  const named = /filename="?([^";]+)"?/.exec(response.headers.get("content-disposition") ?? "");
  const link = document.createElement("a");
  link.href = URL.createObjectURL(await response.blob());
  link.download = named?.[1] ?? `model-v${version}`;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
}
