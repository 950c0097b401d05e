-- Invitations, and the audit log by what happened.

CREATE TABLE axonml_invites (
    id TEXT PRIMARY KEY,
    data TEXT NOT NULL CHECK (json_valid(data)),
    rev INTEGER NOT NULL DEFAULT 1,
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    token_hash TEXT GENERATED ALWAYS AS (data ->> 'token_hash') VIRTUAL
);
CREATE UNIQUE INDEX axonml_invites_token ON axonml_invites (token_hash);

ALTER TABLE axonml_audit ADD COLUMN action TEXT
    GENERATED ALWAYS AS (data ->> 'action') VIRTUAL;
CREATE INDEX axonml_audit_action ON axonml_audit (action, id);
