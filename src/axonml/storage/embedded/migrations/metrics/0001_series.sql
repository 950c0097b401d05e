-- Time series: batches as they came (level 0, loose), then chunks of columns with their pyramid.

-- One line a run: `cursor` is its newest batch, `packed` the newest that chunks hold, `n_loose` the points after it.
CREATE TABLE run (
    id TEXT PRIMARY KEY,
    cursor INTEGER NOT NULL DEFAULT 0,
    packed INTEGER NOT NULL DEFAULT 0,
    n_loose INTEGER NOT NULL DEFAULT 0,
    log_seq INTEGER NOT NULL DEFAULT 0
) WITHOUT ROWID;

-- The last sequence of each writer: a batch sent twice is stored once.
CREATE TABLE writer (
    run TEXT NOT NULL,
    writer TEXT NOT NULL,
    last_seq INTEGER NOT NULL,
    PRIMARY KEY (run, writer)
) WITHOUT ROWID;

-- `last_value` holds 8 bytes: SQLite would turn a bound NaN into NULL.
CREATE TABLE series (
    id INTEGER PRIMARY KEY,
    run TEXT NOT NULL,
    name TEXT NOT NULL,
    n INTEGER NOT NULL,
    last_step INTEGER NOT NULL,
    last_wall INTEGER NOT NULL,
    last_value BLOB NOT NULL,
    vmin REAL,
    vmax REAL,
    UNIQUE (run, name)
);

CREATE TABLE batch (
    seq INTEGER PRIMARY KEY AUTOINCREMENT,
    run TEXT NOT NULL,
    n INTEGER NOT NULL,
    data BLOB NOT NULL
);
CREATE INDEX batch_run ON batch (run, seq);

CREATE TABLE chunk (
    series INTEGER NOT NULL,
    level INTEGER NOT NULL,
    seq INTEGER NOT NULL,
    n INTEGER NOT NULL,
    lo INTEGER NOT NULL,
    hi INTEGER NOT NULL,
    step BLOB NOT NULL,
    value BLOB NOT NULL,
    wall BLOB NOT NULL,
    PRIMARY KEY (series, level, seq)
);

-- Log lines: packed in groups as they came; `data` is zstd over msgpack.
CREATE TABLE log (
    run TEXT NOT NULL,
    first_seq INTEGER NOT NULL,
    n INTEGER NOT NULL,
    data BLOB NOT NULL,
    PRIMARY KEY (run, first_seq)
) WITHOUT ROWID;
