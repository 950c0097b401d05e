import { useQuery } from "@tanstack/solid-query";
import { api, unwrap } from "~/api/client";
import { queryClient } from "~/api/query-client";
import type {
  Compared,
  Endpoint,
  EndpointConfig,
  MetricsRow,
  ModelVersion,
  NewRollout,
  Prediction,
  ReplicaLogLine,
  ReplicaState,
  RolloutState,
} from "~/api/types";

/** How many rows of figures at most a chart asks for. */
export const PIXELS = 800;

/** Every endpoint that the user may see, with the figures of its last ten seconds. */
export function useEndpoints() {
  return useQuery(() => ({
    queryKey: ["endpoints", "list"],
    queryFn: async (): Promise<Endpoint[]> =>
      (await unwrap(api.GET("/api/inference/endpoints", { params: { query: { limit: 500 } } })))
        .items,
    refetchInterval: 2_000,
  }));
}

/** An endpoint's figures between two moments (ms since 1970), at most one row a pixel. */
export function useEndpointMetrics(id: () => string, range: () => [number, number] | null) {
  return useQuery(() => ({
    queryKey: ["endpoints", "metrics", id(), range()],
    enabled: id() !== "" && range() !== null,
    queryFn: async (): Promise<MetricsRow[]> => {
      const [from, to] = range() ?? [0, 0];
      const query = {
        from: new Date(from).toISOString(),
        to: new Date(to).toISOString(),
        width: PIXELS,
      };
      const path = { endpoint_id: id() };
      return (
        await unwrap(
          api.GET("/api/inference/endpoints/{endpoint_id}/metrics", { params: { path, query } }),
        )
      ).items;
    },
    placeholderData: (before: MetricsRow[] | undefined) => before,
  }));
}

/** The last lines that an endpoint's replicas wrote, or one of them ("version/replica"). */
export function useReplicaLog(id: () => string, which: () => string) {
  return useQuery(() => ({
    queryKey: ["endpoints", "log", id(), which()],
    queryFn: async (): Promise<ReplicaLogLine[]> =>
      (
        await unwrap(
          api.GET("/api/inference/endpoints/{endpoint_id}/logs", {
            params: { path: { endpoint_id: id() }, query: ofReplica(which()) },
          }),
        )
      ).items,
    refetchInterval: 3_000,
  }));
}

function ofReplica(which: string): { version?: number; replica?: number } {
  if (which === "") return {};
  const [version, replica] = which.split("/").map(Number);
  return { version, replica };
}

/** The processes that run for an endpoint. */
export function useReplicas(id: () => string) {
  return useQuery(() => ({
    queryKey: ["endpoints", "replicas", id()],
    queryFn: async (): Promise<ReplicaState[]> =>
      (
        await unwrap(
          api.GET("/api/inference/endpoints/{endpoint_id}/replicas", {
            params: { path: { endpoint_id: id() } },
          }),
        )
      ).items,
    refetchInterval: 3_000,
  }));
}

/** What is tried beside an endpoint's version, and how the versions do. */
export function useRollout(id: () => string) {
  return useQuery(() => ({
    queryKey: ["endpoints", "rollout", id()],
    queryFn: async (): Promise<RolloutState> =>
      unwrap(
        api.GET("/api/inference/endpoints/{endpoint_id}/rollout", {
          params: { path: { endpoint_id: id() } },
        }),
      ),
    refetchInterval: 2_000,
  }));
}

/** The versions that an endpoint of the model could move to, newest first. */
export function useServableVersions(modelId: () => string) {
  return useQuery(() => ({
    queryKey: ["models", "versions", modelId()],
    queryFn: async (): Promise<ModelVersion[]> =>
      (
        await unwrap(
          api.GET("/api/models/{model_id}/versions", {
            params: { path: { model_id: modelId() } },
          }),
        )
      ).items,
  }));
}

export async function startEndpoint(id: string): Promise<void> {
  await unwrap(
    api.POST("/api/inference/endpoints/{endpoint_id}/start", {
      params: { path: { endpoint_id: id } },
    }),
  );
  await refreshEndpoints();
}

export async function stopEndpoint(id: string): Promise<void> {
  await unwrap(
    api.POST("/api/inference/endpoints/{endpoint_id}/stop", {
      params: { path: { endpoint_id: id } },
    }),
  );
  await refreshEndpoints();
}

export async function deleteEndpoint(id: string): Promise<void> {
  await unwrap(
    api.DELETE("/api/inference/endpoints/{endpoint_id}", {
      params: { path: { endpoint_id: id } },
    }),
  );
  await refreshEndpoints();
}

export interface Change {
  model_version_id?: string;
  replicas?: number;
  config?: EndpointConfig;
  visibility?: "private" | "team";
}

/** Change what runs; a running endpoint swaps without a gap. */
export async function changeEndpoint(id: string, change: Change): Promise<void> {
  await unwrap(
    api.PUT("/api/inference/endpoints/{endpoint_id}", {
      params: { path: { endpoint_id: id } },
      body: change,
    }),
  );
  await refreshEndpoints();
}

export async function setRollout(id: string, rollout: NewRollout): Promise<void> {
  await unwrap(
    api.PUT("/api/inference/endpoints/{endpoint_id}/rollout", {
      params: { path: { endpoint_id: id } },
      body: rollout,
    }),
  );
  await refreshEndpoints();
}

export async function endRollout(id: string): Promise<void> {
  await unwrap(
    api.DELETE("/api/inference/endpoints/{endpoint_id}/rollout", {
      params: { path: { endpoint_id: id } },
    }),
  );
  await refreshEndpoints();
}

export async function promoteRollout(id: string): Promise<void> {
  await unwrap(
    api.POST("/api/inference/endpoints/{endpoint_id}/rollout/promote", {
      params: { path: { endpoint_id: id } },
    }),
  );
  await refreshEndpoints();
}

/** What the endpoint's version and another one answer to the same inputs. */
export async function compareAnswers(
  id: string,
  version: number,
  inputs: unknown,
): Promise<Compared> {
  return unwrap(
    api.POST("/api/inference/endpoints/{endpoint_id}/compare", {
      params: { path: { endpoint_id: id } },
      body: { version, inputs } as never,
    }),
  );
}

export async function predict(name: string, inputs: unknown): Promise<Prediction> {
  return unwrap(
    api.POST("/api/inference/predict/{name}", {
      params: { path: { name } },
      body: { inputs } as never,
    }),
  );
}

async function refreshEndpoints(): Promise<void> {
  await queryClient.invalidateQueries({ queryKey: ["endpoints"] });
}
