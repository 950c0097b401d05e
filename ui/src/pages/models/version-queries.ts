import { useQuery } from "@tanstack/solid-query";
import { api, fetchApi, unwrap } from "~/api/client";
import type { ModelVersion, VersionChange } from "~/api/types";
import { readTensors } from "./parts/safetensors";
import { refreshModels } from "./queries";

const REFRESH_MS = 10_000;

/** Where a version comes from, and where it went. */
export function useLineage(id: () => string, version: () => number) {
  return useQuery(() => ({
    queryKey: ["models", "lineage", id(), version()],
    queryFn: () =>
      unwrap(
        api.GET("/api/models/{model_id}/versions/{version}/lineage", {
          params: { path: { model_id: id(), version: String(version()) } },
        }),
      ),
    refetchInterval: REFRESH_MS,
  }));
}

/** The files of a version; they never change. */
export function useFiles(id: () => string, version: () => number) {
  return useQuery(() => ({
    queryKey: ["version-files", id(), version()],
    queryFn: async () =>
      (
        await unwrap(
          api.GET("/api/models/{model_id}/versions/{version}/files", {
            params: { path: { model_id: id(), version: String(version()) } },
          }),
        )
      ).items,
    staleTime: Infinity,
  }));
}

/** The tensors in a version's safetensors file, of which only the header is read. */
export function useTensors(id: () => string, version: () => ModelVersion) {
  return useQuery(() => ({
    queryKey: ["version-tensors", version().sha256],
    queryFn: ({ signal }) => {
      const path = `/api/models/${id()}/versions/${version().version}/download`;
      return readTensors(async (from, to) => {
        const headers = { range: `bytes=${from}-${to - 1}` };
        const answer = await fetchApi(path, { headers, signal });
        return answer.arrayBuffer();
      });
    },
    staleTime: Infinity,
    retry: false,
  }));
}

export async function changeVersion(
  id: string,
  version: number,
  change: VersionChange,
): Promise<void> {
  await unwrap(
    api.PATCH("/api/models/{model_id}/versions/{version}", {
      params: { path: { model_id: id, version: String(version) } },
      body: change,
    }),
  );
  await refreshModels();
}

/** Allow a version to be deployed; admins may. */
export async function approve(id: string, version: number, reason: string): Promise<void> {
  await unwrap(
    api.POST("/api/models/{model_id}/versions/{version}/approval", {
      params: { path: { model_id: id, version: String(version) } },
      body: { reason },
    }),
  );
  await refreshModels();
}

export async function withdrawApproval(id: string, version: number, reason: string): Promise<void> {
  await unwrap(
    api.DELETE("/api/models/{model_id}/versions/{version}/approval", {
      params: { path: { model_id: id, version: String(version) }, query: { reason } },
    }),
  );
  await refreshModels();
}
