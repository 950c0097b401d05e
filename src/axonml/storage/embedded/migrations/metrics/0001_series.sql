-- Time series: batches as they came (loose), then chunks of columns with their pyramid.

-- One line a run: `cursor` is its newest batch, `packed` the newest that chunks hold,
-- `log_seq` its last log line.
CREATE TABLE run (
    id TEXT PRIMARY KEY,
    cursor INTEGER NOT NULL DEFAULT 0,
    packed INTEGER NOT NULL DEFAULT 0,
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

-- Level 0: the points, 8,192 to 16,384 a row and fewer in the last rows, by step: the `hi` of one
-- is at most the `lo` of the next. Level k: what it keeps of `parts` (a u16 each) full rows of
-- level 0, from number `seq` times 16, 256 or 2,048 on.
CREATE TABLE chunk (
    series INTEGER NOT NULL,
    level INTEGER NOT NULL,
    seq INTEGER NOT NULL,
    n INTEGER NOT NULL,
    lo INTEGER NOT NULL,
    hi INTEGER NOT NULL,
    parts BLOB,
    step BLOB NOT NULL,
    value BLOB NOT NULL,
    wall BLOB NOT NULL,
    PRIMARY KEY (series, level, seq)
);
-- Where a window begins and ends is found without touching the rows.
CREATE INDEX chunk_place ON chunk (series, level, seq, n, lo, hi);

-- Log lines: packed in groups as they came; `data` is zstd over msgpack.
CREATE TABLE log (
    run TEXT NOT NULL,
    first_seq INTEGER NOT NULL,
    n INTEGER NOT NULL,
    data BLOB NOT NULL,
    PRIMARY KEY (run, first_seq)
) WITHOUT ROWID;
