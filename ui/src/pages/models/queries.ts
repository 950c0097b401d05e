import { keepPreviousData, useInfiniteQuery, useQuery } from "@tanstack/solid-query";
import { api, unwrap } from "~/api/client";
import { queryClient } from "~/api/query-client";
import type {
  Endpoint,
  ModelHistory,
  Model,
  ModelChange,
  ModelPage,
  ModelVersion,
  NewModel,
} from "~/api/types";

const PAGE = 100;
const REFRESH_MS = 10_000;

/** What the list of models asks for. */
export interface ModelQuery {
  q?: string;
  tag?: string[];
  alias?: string;
  format?: string;
  deployed?: "true" | "false";
  sort?: string;
}

/** The models that the user may see, page after page, as far as somebody looked. */
export function useModelPages(asked: () => ModelQuery) {
  return useInfiniteQuery(() => ({
    queryKey: ["models", "pages", asked()],
    queryFn: ({ pageParam }): Promise<ModelPage> =>
      unwrap(
        api.GET("/api/models", {
          params: { query: { ...asked(), limit: PAGE, cursor: pageParam } },
        }),
      ),
    initialPageParam: null as string | null,
    getNextPageParam: (last: ModelPage) => last.next_cursor ?? undefined,
    placeholderData: keepPreviousData,
    // A long list is not read again and again while somebody reads it.
    refetchInterval: (query) => (query.state.data?.pages.length ?? 0) <= 2 && REFRESH_MS,
  }));
}

/** The tags, aliases and formats that models have. */
export function useModelWords() {
  return useQuery(() => ({
    queryKey: ["models", "words"],
    queryFn: () => unwrap(api.GET("/api/models/words")),
    placeholderData: keepPreviousData,
  }));
}

/** The newest models that the user may see. */
export function useModels(q: () => string) {
  return useQuery(() => ({
    queryKey: ["models", "list", q()],
    queryFn: () => unwrap(api.GET("/api/models", { params: { query: { q: q(), limit: 500 } } })),
    refetchInterval: REFRESH_MS,
  }));
}

export function useModel(id: () => string) {
  return useQuery(() => ({
    queryKey: ["models", "one", id()],
    enabled: id() !== "",
    queryFn: () =>
      unwrap(api.GET("/api/models/{model_id}", { params: { path: { model_id: id() } } })),
  }));
}

/** A model's versions, newest first. */
export function useVersions(id: () => string) {
  return useQuery(() => ({
    queryKey: ["models", "versions", id()],
    enabled: id() !== "",
    queryFn: async (): Promise<ModelVersion[]> =>
      (
        await unwrap(
          api.GET("/api/models/{model_id}/versions", { params: { path: { model_id: id() } } }),
        )
      ).items,
    refetchInterval: REFRESH_MS,
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

/** The model's card as the server renders it. */
export function useCard(id: () => string, description: () => string) {
  return useQuery(() => ({
    queryKey: ["models", "card", id(), description()],
    enabled: description() !== "",
    queryFn: () =>
      unwrap(api.GET("/api/models/{model_id}/card", { params: { path: { model_id: id() } } })),
    placeholderData: keepPreviousData,
  }));
}

/** What a text would look like as the card. */
export async function previewCard(id: string, markdown: string): Promise<string> {
  const path = { model_id: id };
  return (
    await unwrap(
      api.POST("/api/models/{model_id}/card/preview", { params: { path }, body: { markdown } }),
    )
  ).html;
}

/** Who moved which alias, when and why; newest first. */
export function useHistory(id: () => string) {
  return useInfiniteQuery(() => ({
    queryKey: ["models", "history", id()],
    queryFn: ({ pageParam }): Promise<ModelHistory> =>
      unwrap(
        api.GET("/api/models/{model_id}/history", {
          params: { path: { model_id: id() }, query: { cursor: pageParam, limit: PAGE } },
        }),
      ),
    initialPageParam: null as string | null,
    getNextPageParam: (last: ModelHistory) => last.next_cursor ?? undefined,
  }));
}

export async function createModel(model: string | NewModel): Promise<Model> {
  const body = typeof model === "string" ? { name: model } : model;
  const made = await unwrap(api.POST("/api/models", { body }));
  await refreshModels();
  return made;
}

export async function changeModel(id: string, change: ModelChange): Promise<void> {
  await unwrap(
    api.PUT("/api/models/{model_id}", { params: { path: { model_id: id } }, body: change }),
  );
  await refreshModels();
}

export async function deleteModel(id: string): Promise<void> {
  await unwrap(api.DELETE("/api/models/{model_id}", { params: { path: { model_id: id } } }));
}

export async function deleteVersion(id: string, version: number): Promise<void> {
  await unwrap(
    api.DELETE("/api/models/{model_id}/versions/{version}", {
      params: { path: { model_id: id, version: String(version) } },
    }),
  );
}

export async function setAlias(
  id: string,
  alias: string,
  version: number,
  reason: string,
): Promise<void> {
  await unwrap(
    api.PUT("/api/models/{model_id}/aliases/{alias}", {
      params: { path: { model_id: id, alias } },
      body: { version, reason },
    }),
  );
  await refreshModels();
}

export async function dropAlias(id: string, alias: string, reason: string): Promise<void> {
  await unwrap(
    api.DELETE("/api/models/{model_id}/aliases/{alias}", {
      params: { path: { model_id: id, alias }, query: { reason } },
    }),
  );
  await refreshModels();
}

/** Serve a version under a name; answers when it answers predictions, or says why it cannot. */
export async function deploy(
  id: string,
  version: number,
  wanted: { name: string; replicas: number },
): Promise<Endpoint> {
  const endpoint = await unwrap(
    api.POST("/api/models/{model_id}/versions/{version}/deploy", {
      params: { path: { model_id: id, version: String(version) } },
      body: wanted,
    }),
  );
  await queryClient.invalidateQueries({ queryKey: ["endpoints"] });
  return endpoint;
}

export async function refreshModels(): Promise<void> {
  await queryClient.invalidateQueries({ queryKey: ["models"] });
}
