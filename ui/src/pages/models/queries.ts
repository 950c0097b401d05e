import { useQuery } from "@tanstack/solid-query";
import { api, unwrap } from "~/api/client";
import { queryClient } from "~/api/query-client";
import type { Endpoint, Model, ModelVersion } from "~/api/types";

/** The models that the user may see, the newest first; `q` is sought in the name. */
export function useModels(q: () => string) {
  return useQuery(() => ({
    queryKey: ["models", "list", q()],
    queryFn: () => unwrap(api.GET("/api/models", { params: { query: { q: q(), limit: 500 } } })),
    refetchInterval: 10_000,
  }));
}

export function useModel(id: () => string) {
  return useQuery(() => ({
    queryKey: ["models", "one", id()],
    queryFn: () =>
      unwrap(api.GET("/api/models/{model_id}", { params: { path: { model_id: id() } } })),
  }));
}

export function useVersions(id: () => string) {
  return useQuery(() => ({
    queryKey: ["models", "versions", id()],
    queryFn: async (): Promise<ModelVersion[]> =>
      (
        await unwrap(
          api.GET("/api/models/{model_id}/versions", { params: { path: { model_id: id() } } }),
        )
      ).items,
    refetchInterval: 10_000,
  }));
}

/** The endpoints that serve a version of the model. */
export function useEndpointsOf(id: () => string) {
  return useQuery(() => ({
    queryKey: ["endpoints", "of-model", id()],
    queryFn: async (): Promise<Endpoint[]> =>
      (await unwrap(api.GET("/api/inference/endpoints", { params: { query: { model_id: id() } } })))
        .items,
    refetchInterval: 3_000,
  }));
}

export async function createModel(name: string): Promise<Model> {
  return unwrap(api.POST("/api/models", { body: { name } }));
}

export async function changeModel(
  id: string,
  change: { description?: string; visibility?: "private" | "team" },
): Promise<void> {
  await unwrap(
    api.PUT("/api/models/{model_id}", { params: { path: { model_id: id } }, body: change }),
  );
  await refreshModels();
}

export async function deleteModel(id: string): Promise<void> {
  await unwrap(api.DELETE("/api/models/{model_id}", { params: { path: { model_id: id } } }));
  await refreshModels();
}

export async function deleteVersion(id: string, version: number): Promise<void> {
  await unwrap(
    api.DELETE("/api/models/{model_id}/versions/{version}", {
      params: { path: { model_id: id, version: String(version) } },
    }),
  );
  await refreshModels();
}

export async function setAlias(id: string, alias: string, version: number): Promise<void> {
  await unwrap(
    api.PUT("/api/models/{model_id}/aliases/{alias}", {
      params: { path: { model_id: id, alias } },
      body: { version },
    }),
  );
  await refreshModels();
}

export async function dropAlias(id: string, alias: string): Promise<void> {
  await unwrap(
    api.DELETE("/api/models/{model_id}/aliases/{alias}", {
      params: { path: { model_id: id, alias } },
    }),
  );
  await refreshModels();
}

/** Serve the version; answers when the endpoint runs. */
export async function deploy(id: string, version: number): Promise<Endpoint> {
  const endpoint = await unwrap(
    api.POST("/api/models/{model_id}/versions/{version}/deploy", {
      params: { path: { model_id: id, version: String(version) } },
      body: {},
    }),
  );
  await queryClient.invalidateQueries({ queryKey: ["endpoints"] });
  return endpoint;
}

export async function refreshModels(): Promise<void> {
  await queryClient.invalidateQueries({ queryKey: ["models"] });
}
