import { fetchApi } from "~/api/client";
import { saveFile } from "~/components/save-file";

/** Fetch a version's file with the token and hand it to the browser's downloads. */
export async function download(modelId: string, version: number): Promise<void> {
  const response = await fetchApi(`/api/models/${modelId}/versions/${version}/download`);
  const named = /filename="?([^";]+)"?/.exec(response.headers.get("content-disposition") ?? "");
  saveFile(named?.[1] ?? `model-v${version}`, await response.blob());
}
