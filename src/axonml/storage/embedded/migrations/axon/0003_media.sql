-- What a run logged beside numbers, one row an item; the bytes are blobs, shared where they are the
-- same. `data` holds a histogram itself: a row of them over steps is then one read.
-- `artifact` and `batch` are empty but for the files of an artifact, where `batch` is one version.
CREATE TABLE axonml_media (
    id TEXT PRIMARY KEY,
    run TEXT NOT NULL,
    kind TEXT NOT NULL,
    key TEXT NOT NULL,
    step INTEGER NOT NULL,
    wall_ms INTEGER NOT NULL,
    sha256 TEXT NOT NULL,
    size_bytes INTEGER NOT NULL,
    content_type TEXT NOT NULL,
    meta TEXT NOT NULL,
    data TEXT,
    artifact TEXT NOT NULL,
    batch TEXT NOT NULL,
    UNIQUE (run, kind, key, step, artifact, batch, sha256)
);
CREATE INDEX axonml_media_step ON axonml_media (run, kind, key, step, id);
CREATE INDEX axonml_media_sha256 ON axonml_media (sha256);
