-- What lists of runs filter, sort and group by, beside each document: a scan of narrow rows instead
-- of one that parses every document. Written with the document, in one transaction.

ALTER TABLE axonml_runs ADD COLUMN deleted_at TEXT
    GENERATED ALWAYS AS (data ->> 'deleted_at') VIRTUAL;

-- No index that covers a list: a scan in the order of ids reads series and keys in their own order,
-- in half of the time (bench/run_list.py). Times in ms since 1970, `duration` in seconds. `rev` is the document's that it was made of.
CREATE TABLE run_row (
    id TEXT PRIMARY KEY REFERENCES axonml_runs (id) ON DELETE CASCADE,
    rev INTEGER NOT NULL,
    user_id TEXT NOT NULL,
    visibility TEXT NOT NULL,
    project TEXT NOT NULL,
    name TEXT NOT NULL,
    status TEXT NOT NULL,
    grp TEXT NOT NULL,
    model_type TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    started_at INTEGER,
    completed_at INTEGER,
    deleted_at INTEGER
) WITHOUT ROWID;
CREATE INDEX run_row_deleted ON run_row (deleted_at) WHERE deleted_at IS NOT NULL;

-- `config.a.b`, `tags.team`, `tag.team=vision`, `summary.loss`, `define.loss`: the value as a number
-- where it is one, and as text.
CREATE TABLE run_key (
    run TEXT NOT NULL REFERENCES run_row (id) ON DELETE CASCADE,
    key TEXT NOT NULL,
    number REAL,
    word TEXT NOT NULL,
    PRIMARY KEY (run, key)
) WITHOUT ROWID;
CREATE INDEX run_key_key ON run_key (key, run, number);

CREATE TABLE axonml_views (
    id TEXT PRIMARY KEY,
    data TEXT NOT NULL CHECK (json_valid(data)),
    rev INTEGER NOT NULL DEFAULT 1,
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    user_id TEXT GENERATED ALWAYS AS (data ->> 'user_id') VIRTUAL,
    visibility TEXT GENERATED ALWAYS AS (data ->> 'visibility') VIRTUAL
);
CREATE INDEX axonml_views_user ON axonml_views (user_id, id);

-- What was set for a project; its `id` is the project's name.
CREATE TABLE axonml_projects (
    id TEXT PRIMARY KEY,
    data TEXT NOT NULL CHECK (json_valid(data)),
    rev INTEGER NOT NULL DEFAULT 1,
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL
);
