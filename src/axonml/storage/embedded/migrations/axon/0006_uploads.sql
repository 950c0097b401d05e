-- Resumable uploads: one row from its announcement until it expires. Its bytes are a file of the
-- folder blobs/uploads, and how many came is that file's size.
CREATE TABLE axonml_uploads (
    id TEXT PRIMARY KEY,
    data TEXT NOT NULL CHECK (json_valid(data)),
    rev INTEGER NOT NULL DEFAULT 1,
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    model_id TEXT GENERATED ALWAYS AS (data ->> 'model_id') VIRTUAL,
    user_id TEXT GENERATED ALWAYS AS (data ->> 'user_id') VIRTUAL,
    state TEXT GENERATED ALWAYS AS (data ->> 'state') VIRTUAL,
    expires_ms INTEGER GENERATED ALWAYS AS (data ->> 'expires_ms') VIRTUAL
);
CREATE INDEX axonml_uploads_model ON axonml_uploads (model_id, created_at);
CREATE INDEX axonml_uploads_state ON axonml_uploads (state, user_id);
CREATE INDEX axonml_uploads_expires ON axonml_uploads (expires_ms);
