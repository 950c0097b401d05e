-- What lists of models filter and sort by, beside each document: a scan of narrow rows instead of
-- one that parses every card. Written with the document, in one transaction; the sums over versions
-- with the version.
CREATE TABLE model_row (
    id TEXT PRIMARY KEY REFERENCES axonml_models (id) ON DELETE CASCADE,
    user_id TEXT NOT NULL,
    visibility TEXT NOT NULL,
    name TEXT NOT NULL,
    updated_at INTEGER NOT NULL,
    n_versions INTEGER NOT NULL DEFAULT 0,
    size_bytes INTEGER NOT NULL DEFAULT 0
) WITHOUT ROWID;

-- What a search looks through, in lower case: name, type, tags and the beginning of the card.
CREATE TABLE model_words (
    model TEXT PRIMARY KEY REFERENCES model_row (id) ON DELETE CASCADE,
    words TEXT NOT NULL
) WITHOUT ROWID;

-- The tags, aliases and formats of a model; `kind` says which it is.
CREATE TABLE model_key (
    model TEXT NOT NULL REFERENCES model_row (id) ON DELETE CASCADE,
    kind TEXT NOT NULL,
    word TEXT NOT NULL,
    PRIMARY KEY (model, kind, word)
) WITHOUT ROWID;
CREATE INDEX model_key_word ON model_key (kind, word, model);

ALTER TABLE axonml_model_versions ADD COLUMN format TEXT
    GENERATED ALWAYS AS (data ->> 'format') VIRTUAL;
CREATE INDEX axonml_model_versions_format ON axonml_model_versions (model_id, format);

INSERT INTO model_row (id, user_id, visibility, name, updated_at, n_versions, size_bytes)
SELECT id, user_id, visibility, name, updated_at,
    (SELECT count(*) FROM axonml_model_versions v WHERE v.model_id = m.id),
    (SELECT coalesce(sum(data ->> 'file_size'), 0) FROM axonml_model_versions v WHERE v.model_id = m.id)
FROM axonml_models m;
INSERT INTO model_words (model, words)
SELECT id, lower(name || ' ' || (data ->> 'model_type') || ' ' || (data ->> 'tags') || ' ' || substr(data ->> 'description', 1, 600))
FROM axonml_models;
INSERT OR IGNORE INTO model_key (model, kind, word)
SELECT m.id, 'tag', t.value FROM axonml_models m, json_each(m.data, '$.tags') t;
INSERT OR IGNORE INTO model_key (model, kind, word)
SELECT m.id, 'alias', t.key FROM axonml_models m, json_each(m.data, '$.aliases') t;
INSERT OR IGNORE INTO model_key (model, kind, word)
SELECT model_id, 'format', format FROM axonml_model_versions;

-- What happened to a model: who moved which alias, approved or deleted what, when and why.
CREATE TABLE axonml_model_events (
    id TEXT PRIMARY KEY,
    data TEXT NOT NULL CHECK (json_valid(data)),
    rev INTEGER NOT NULL DEFAULT 1,
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    model_id TEXT GENERATED ALWAYS AS (data ->> 'model_id') VIRTUAL
);
CREATE INDEX axonml_model_events_model ON axonml_model_events (model_id, id);
