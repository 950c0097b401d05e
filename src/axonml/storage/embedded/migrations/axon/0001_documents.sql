-- Documents: one shape for every table; generated columns for what is filtered, sorted or unique.

CREATE TABLE axonml_users (
    id TEXT PRIMARY KEY,
    data TEXT NOT NULL CHECK (json_valid(data)),
    rev INTEGER NOT NULL DEFAULT 1,
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    email TEXT GENERATED ALWAYS AS (lower(data ->> 'email')) VIRTUAL
);
CREATE UNIQUE INDEX axonml_users_email ON axonml_users (email);

CREATE TABLE axonml_sessions (
    id TEXT PRIMARY KEY,
    data TEXT NOT NULL CHECK (json_valid(data)),
    rev INTEGER NOT NULL DEFAULT 1,
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    user_id TEXT GENERATED ALWAYS AS (data ->> 'user_id') VIRTUAL,
    refresh_hash TEXT GENERATED ALWAYS AS (data ->> 'refresh_hash') VIRTUAL
);
CREATE INDEX axonml_sessions_user ON axonml_sessions (user_id);
CREATE INDEX axonml_sessions_refresh ON axonml_sessions (refresh_hash);

CREATE TABLE axonml_api_tokens (
    id TEXT PRIMARY KEY,
    data TEXT NOT NULL CHECK (json_valid(data)),
    rev INTEGER NOT NULL DEFAULT 1,
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    user_id TEXT GENERATED ALWAYS AS (data ->> 'user_id') VIRTUAL
);
CREATE INDEX axonml_api_tokens_user ON axonml_api_tokens (user_id);

CREATE TABLE axonml_audit (
    id TEXT PRIMARY KEY,
    data TEXT NOT NULL CHECK (json_valid(data)),
    rev INTEGER NOT NULL DEFAULT 1,
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    user_id TEXT GENERATED ALWAYS AS (data ->> 'user_id') VIRTUAL
);
CREATE INDEX axonml_audit_user ON axonml_audit (user_id, id);

CREATE TABLE axonml_runs (
    id TEXT PRIMARY KEY,
    data TEXT NOT NULL CHECK (json_valid(data)),
    rev INTEGER NOT NULL DEFAULT 1,
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    user_id TEXT GENERATED ALWAYS AS (data ->> 'user_id') VIRTUAL,
    visibility TEXT GENERATED ALWAYS AS (data ->> 'visibility') VIRTUAL,
    project TEXT GENERATED ALWAYS AS (data ->> 'project') VIRTUAL,
    name TEXT GENERATED ALWAYS AS (data ->> 'name') VIRTUAL,
    status TEXT GENERATED ALWAYS AS (data ->> 'status') VIRTUAL,
    grp TEXT GENERATED ALWAYS AS (data ->> 'group') VIRTUAL
);
CREATE INDEX axonml_runs_user ON axonml_runs (user_id, id);
CREATE INDEX axonml_runs_status ON axonml_runs (status, id);
CREATE INDEX axonml_runs_project ON axonml_runs (project, id);
CREATE INDEX axonml_runs_name ON axonml_runs (name, id);

CREATE TABLE axonml_models (
    id TEXT PRIMARY KEY,
    data TEXT NOT NULL CHECK (json_valid(data)),
    rev INTEGER NOT NULL DEFAULT 1,
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    user_id TEXT GENERATED ALWAYS AS (data ->> 'user_id') VIRTUAL,
    visibility TEXT GENERATED ALWAYS AS (data ->> 'visibility') VIRTUAL,
    name TEXT GENERATED ALWAYS AS (data ->> 'name') VIRTUAL
);
CREATE UNIQUE INDEX axonml_models_name ON axonml_models (user_id, name);

CREATE TABLE axonml_model_versions (
    id TEXT PRIMARY KEY,
    data TEXT NOT NULL CHECK (json_valid(data)),
    rev INTEGER NOT NULL DEFAULT 1,
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    model_id TEXT GENERATED ALWAYS AS (data ->> 'model_id') VIRTUAL,
    version INTEGER GENERATED ALWAYS AS (data ->> 'version') VIRTUAL,
    sha256 TEXT GENERATED ALWAYS AS (data ->> 'sha256') VIRTUAL,
    training_run_id TEXT GENERATED ALWAYS AS (data ->> 'training_run_id') VIRTUAL
);
CREATE UNIQUE INDEX axonml_model_versions_number ON axonml_model_versions (model_id, version);
CREATE INDEX axonml_model_versions_sha256 ON axonml_model_versions (sha256);
CREATE INDEX axonml_model_versions_run ON axonml_model_versions (training_run_id);

CREATE TABLE axonml_endpoints (
    id TEXT PRIMARY KEY,
    data TEXT NOT NULL CHECK (json_valid(data)),
    rev INTEGER NOT NULL DEFAULT 1,
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    user_id TEXT GENERATED ALWAYS AS (data ->> 'user_id') VIRTUAL,
    visibility TEXT GENERATED ALWAYS AS (data ->> 'visibility') VIRTUAL,
    name TEXT GENERATED ALWAYS AS (data ->> 'name') VIRTUAL,
    model_id TEXT GENERATED ALWAYS AS (data ->> 'model_id') VIRTUAL,
    model_version_id TEXT GENERATED ALWAYS AS (data ->> 'model_version_id') VIRTUAL,
    status TEXT GENERATED ALWAYS AS (data ->> 'status') VIRTUAL
);
CREATE UNIQUE INDEX axonml_endpoints_name ON axonml_endpoints (name);
CREATE INDEX axonml_endpoints_version ON axonml_endpoints (model_version_id);

-- Sessions' one-time links, challenges, caches: small values with an end (ms since the epoch).
CREATE TABLE kv (
    k TEXT PRIMARY KEY,
    v BLOB NOT NULL,
    expires INTEGER NOT NULL
) WITHOUT ROWID;
CREATE INDEX kv_expires ON kv (expires);
