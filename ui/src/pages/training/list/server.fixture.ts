/** The routes of the run list for tests: what they are asked, and what they are told to answer. */
import type { BulkAction, BulkAnswer, Run, RunGroup, RunKeys, SavedView } from "~/api/types";

export function aRun(name: string, more: Partial<Run> = {}): Run {
  const run = {
    id: `id-${name}`,
    user_id: "u1",
    project: "digits",
    name,
    model_type: "mlp",
    status: "completed",
    reason: "",
    config: {},
    tags: [],
    notes: "",
    group: "",
    visibility: "private",
    stop_requested: false,
    summary: { loss: 0.25 },
    created_at: "2026-01-01T00:00:00Z",
    updated_at: "2026-01-01T00:00:00Z",
    started_at: null,
    completed_at: null,
    ...more,
  };
  return run as Run;
}

export interface FakeServer {
  runs: Run[];
  groups: RunGroup[];
  columns: RunKeys;
  views: SavedView[];
  acts: BulkAction[];
  failures: BulkAnswer["failed"];
  /** What is wrong with the next filters; null while they are right. */
  refusal: { position: number; length: number; detail: string } | null;
  asked: URL[];
  /** The requests for a page of the list, in order. */
  listed: () => URL[];
  reset: () => void;
  fetch: (request: Request) => Promise<Response>;
}

const LIST = "/api/training/runs";

/** A server that keeps its trash, but neither filters nor sorts. */
export function fakeServer(): FakeServer {
  const trash = new Set<string>();
  const server: FakeServer = {
    runs: [],
    groups: [],
    columns: { config: [], metrics: [], tags: [], labels: [] },
    views: [],
    acts: [],
    failures: [],
    refusal: null,
    asked: [],
    listed: () => server.asked.filter((url) => url.pathname === LIST),
    reset: () => {
      Object.assign(server, { runs: [], groups: [], views: [], acts: [], failures: [], asked: [] });
      server.columns = { config: [], metrics: [], tags: [], labels: [] };
      server.refusal = null;
      trash.clear();
    },
    fetch: async (request) => {
      const url = new URL(request.url);
      server.asked.push(url);
      if (url.pathname === `${LIST}/bulk`) return bulk(server, trash, await request.json());
      if (server.refusal && url.searchParams.has("filter")) return refused(server.refusal);
      if (url.pathname === LIST) return Response.json(pageOf(server.runs, trash, url));
      if (url.pathname === `${LIST}/groups`) {
        return Response.json({
          items: server.groups,
          next_cursor: null,
          total: server.groups.length,
        });
      }
      if (url.pathname === `${LIST}/columns`) return Response.json(server.columns);
      return Response.json({ items: server.views });
    },
  };
  return server;
}

/** `limit` runs from `cursor` on. */
function pageOf(runs: readonly Run[], trash: ReadonlySet<string>, url: URL): object {
  const isTrash = url.searchParams.get("deleted") === "true";
  const found = runs.filter((run) => trash.has(run.id) === isTrash);
  const from = Number(url.searchParams.get("cursor") ?? 0);
  const to = from + Number(url.searchParams.get("limit"));
  return {
    items: found.slice(from, to),
    next_cursor: to < found.length ? String(to) : null,
    total: found.length,
  };
}

function bulk(server: FakeServer, trash: Set<string>, action: BulkAction): Response {
  server.acts.push(action);
  const bad = new Set(server.failures.map((one) => one.id));
  const done = action.runs.filter((id) => !bad.has(id));
  for (const id of done) {
    if (action.action === "delete") trash.add(id);
    if (action.action === "restore") trash.delete(id);
  }
  return Response.json({ done, failed: server.failures });
}

function refused(refusal: NonNullable<FakeServer["refusal"]>): Response {
  const body = { type: "about:blank", title: "no", status: 422, code: "filter_invalid" };
  return Response.json(
    { ...body, ...refusal },
    { status: 422, headers: { "content-type": "application/problem+json" } },
  );
}
