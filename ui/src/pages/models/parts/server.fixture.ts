/** The registry's routes for tests: what they are asked, and what they are told to answer. */
import { setAccess } from "~/api/access";
import type { Endpoint, Model, ModelVersion, Role } from "~/api/types";

const AT = "2026-01-01T00:00:00Z";

export function aModel(name: string, more: Partial<Model> = {}): Model {
  return {
    id: `id-${name}`,
    user_id: "ada",
    name,
    description: "",
    model_type: "",
    tags: [],
    visibility: "private",
    aliases: {},
    latest_version: 1,
    n_versions: 1,
    next_version: 2,
    requires_approval: false,
    size_bytes: 88,
    formats: ["onnx"],
    deployed: [],
    created_at: AT,
    updated_at: AT,
    ...more,
  };
}

export function aVersion(version: number, more: Partial<ModelVersion> = {}): ModelVersion {
  return {
    id: `version-${version}`,
    model_id: "id-digits",
    version,
    file_path: `models/id-digits/v${version}/model.onnx`,
    file_size: 88,
    sha256: "ab".repeat(32),
    format: "onnx",
    signature: { inputs: [{ name: "x", dtype: "float32", shape: [-1, 3] }], outputs: [] },
    servable: true,
    reason: "",
    scan: null,
    metrics: {},
    config: {},
    description: "",
    tags: [],
    approval: null,
    training_run_id: null,
    created_by: "ada",
    created_by_name: "Ada",
    created_at: AT,
    ...more,
  };
}

export function asUser(id: string, role: Role): void {
  const user = { id, email: "a@b.c", name: "A", role, created_at: AT };
  const expires_at = new Date(Date.now() + 900_000).toISOString();
  setAccess({ token: "t", expires_at, user: { ...user, mfa_enabled: false, has_password: true } });
}

export interface FakeRegistry {
  models: Model[];
  versions: ModelVersion[];
  endpoints: Partial<Endpoint>[];
  /** "METHOD /path" and what is answered to it, before all else. */
  answers: Record<string, () => Response>;
  asked: { method: string; url: URL; body: string }[];
  fetch: (request: Request) => Promise<Response>;
}

/** A problem document, as the server says what it refuses. */
export function refusal(status: number, code: string, detail: string): Response {
  return Response.json(
    { type: "about:blank", title: "no", status, code, detail, request_id: "r" },
    { status, headers: { "content-type": "application/problem+json" } },
  );
}

/** A registry that neither filters nor sorts. */
export function fakeRegistry(): FakeRegistry {
  const server: FakeRegistry = {
    models: [],
    versions: [],
    endpoints: [],
    answers: {},
    asked: [],
    fetch: async (request) => {
      const url = new URL(request.url);
      const body = await request.text();
      server.asked.push({ method: request.method, url, body });
      const answer = server.answers[`${request.method} ${url.pathname}`];
      return answer ? answer() : usual(server, url.pathname);
    },
  };
  return server;
}

function usual(server: FakeRegistry, path: string): Response {
  if (path === "/api/models") {
    const { models } = server;
    return Response.json({ items: models, next_cursor: null, total: models.length });
  }
  if (path === "/api/models/words") return Response.json({ tags: [], aliases: [], formats: [] });
  if (path === "/api/inference/endpoints") return Response.json({ items: server.endpoints });
  if (path.endsWith("/versions")) {
    return Response.json({ items: server.versions, next_cursor: null });
  }
  if (path.endsWith("/lineage")) {
    return Response.json({ run: null, parents: [], endpoints: [] });
  }
  const model = server.models.find((one) => path === `/api/models/${one.id}`);
  return model ? Response.json(model) : refusal(404, "not_found", `no ${path}`);
}
