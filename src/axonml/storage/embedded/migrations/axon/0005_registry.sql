-- What lists of models search, filter and sort by, beside each document: a scan of narrow rows
-- instead of one that parses every card. Written with the document, in one transaction.
CREATE TABLE model_row (
    id TEXT PRIMARY KEY REFERENCES axonml_models (id) ON DELETE CASCADE,
    user_id TEXT NOT NULL,
    visibility TEXT NOT NULL,
    name TEXT NOT NULL,
    updated_at INTEGER NOT NULL,
    words TEXT NOT NULL -- in lower case: name, type, tags and the beginning of the card
) WITHOUT ROWID;

-- The tags and aliases of a model; `kind` says which it is.
CREATE TABLE model_key (
    model TEXT NOT NULL REFERENCES model_row (id) ON DELETE CASCADE,
    kind TEXT NOT NULL,
    word TEXT NOT NULL,
    PRIMARY KEY (model, kind, word)
) WITHOUT ROWID;
CREATE INDEX model_key_word ON model_key (kind, word, model);

INSERT INTO model_row (id, user_id, visibility, name, updated_at, words)
SELECT id, user_id, visibility, name, updated_at,
    lower(name || ' ' || (data ->> 'model_type') || ' ' || (data ->> 'tags') || ' ' || substr(data ->> 'description', 1, 2000))
FROM axonml_models;
INSERT OR IGNORE INTO model_key (model, kind, word)
SELECT m.id, 'tag', t.value FROM axonml_models m, json_each(m.data, '$.tags') t;
INSERT OR IGNORE INTO model_key (model, kind, word)
SELECT m.id, 'alias', t.key FROM axonml_models m, json_each(m.data, '$.aliases') t;

-- Counts, sizes and formats of many models come from one index, without reading any version.
ALTER TABLE axonml_model_versions ADD COLUMN format TEXT
    GENERATED ALWAYS AS (data ->> 'format') VIRTUAL;
ALTER TABLE axonml_model_versions ADD COLUMN file_size INTEGER
    GENERATED ALWAYS AS (data ->> 'file_size') VIRTUAL;
CREATE INDEX axonml_model_versions_sums
    ON axonml_model_versions (model_id, format, version, file_size);
CREATE INDEX axonml_model_versions_format ON axonml_model_versions (format, model_id);

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
