"""Log lines of runs: packed as they came, read and searched by line number."""

from bisect import bisect_right
from collections.abc import Sequence
from typing import Final

import msgspec
import zstandard

from axonml.storage.protocols import Logged, LogLine
from axonml.storage.tables import Tables

_Lines = list[tuple[int, str, str]]
_decode: Final = msgspec.msgpack.Decoder(_Lines).decode
_LEVEL: Final = 3
_FULL: Final = 1000  # lines of a row that is not joined with others any more
_FULL_BYTES: Final = 256 << 10
_ALWAYS: Final = (-(2**63), 2**63)


def encode(lines: Sequence[tuple[int, str, str]]) -> bytes:
    """Return lines (wall_ms, level, message) as bytes."""
    return zstandard.ZstdCompressor(_LEVEL).compress(msgspec.msgpack.encode(lines))


def insert(tables: Tables, run: str, n: int, data: bytes) -> int:
    """Store `n` encoded lines, at least one, after what the run has; return the seq of the last."""
    ((last,),) = tables.query(
        "INSERT INTO run (id, log_seq) VALUES ($1, $2) ON CONFLICT (id) DO UPDATE"
        " SET log_seq = run.log_seq + excluded.log_seq RETURNING log_seq",
        run,
        n,
    )
    _ = tables.query(
        "INSERT INTO log (run, first_seq, n, data) VALUES ($1, $2, $3, $4)",
        *(run, last - n + 1, n, data),
    )
    return int(last)


def insert_new(
    tables: Tables,
    run: str,
    lines: Sequence[tuple[int, str, str]],
    writer: str,
    seqs: Sequence[int],
) -> Logged:
    """Store those of the lines that `writer` numbered above its last; see `Series.append_log`."""
    sql = "SELECT log_seq FROM writer WHERE run = $1 AND writer = $2"
    known = tables.query(sql, run, writer)
    n_known = bisect_right(seqs, known[0][0]) if known else 0
    new = lines[n_known:]
    if not new:
        ((last,),) = tables.query("SELECT log_seq FROM run WHERE id = $1", run)
        return Logged(int(last), 0)
    # Below every point's: this writer may have sent none yet.
    _ = tables.query(
        "INSERT INTO writer (run, writer, last_seq, log_seq) VALUES ($1, $2, -1, $3)"
        " ON CONFLICT (run, writer) DO UPDATE SET log_seq = excluded.log_seq",
        *(run, writer, seqs[-1]),
    )
    return Logged(insert(tables, run, len(new), encode(new)), len(new))


def read(  # one argument for each condition
    tables: Tables,
    run: str,
    after: int,
    limit: int,
    text: str,
    between_ms: tuple[int, int] | None = None,
) -> list[LogLine]:
    """Return at most `limit` lines after seq `after` that contain `text`; -1: the last ones."""
    backwards = after < 0
    rows = tables.stream(
        "SELECT first_seq, data FROM log WHERE run = $1 AND first_seq >= $2"
        f" ORDER BY first_seq {'DESC' if backwards else 'ASC'}",
        *(run, _row_of(tables, run, after + 1)),
    )
    unpack, sought = zstandard.ZstdDecompressor().decompress, text.casefold()
    in_bytes = sought.encode() if text.isascii() else b""
    first_ms, last_ms = between_ms or _ALWAYS
    found: list[LogLine] = []
    # Streamed: a log can be long.
    for first, data in rows:
        packed = unpack(data)
        # A thousand lines at once: ten times as quick as line by line where few have the text.
        if in_bytes and in_bytes not in packed.lower():
            continue
        lines = [
            LogLine(first + i, wall_ms, level, message)
            for i, (wall_ms, level, message) in enumerate(_decode(packed))
            if first + i > after
            and first_ms <= wall_ms <= last_ms
            and (not sought or sought in message.casefold())
        ]
        found += reversed(lines) if backwards else lines
        if len(found) >= limit:
            break
    return found[:limit][::-1] if backwards else found[:limit]


class Joined(msgspec.Struct, frozen=True):
    """One row in place of the rows `first` to `last`, by their first lines."""

    first: int
    last: int
    n: int
    data: bytes


def joined(tables: Tables, run: str) -> list[Joined]:
    """Return rows in place of the short ones at the end of the log; reads only."""
    full = tables.query(
        "SELECT first_seq FROM log WHERE run = $1 AND (n >= $2 OR length(data) >= $3)"
        " ORDER BY first_seq DESC LIMIT 1",
        *(run, _FULL, _FULL_BYTES),
    )
    rows = tables.query(
        "SELECT first_seq, n, data FROM log WHERE run = $1 AND first_seq > $2 ORDER BY first_seq",
        *(run, full[0][0] if full else 0),
    )
    done: list[Joined] = []
    group: list[tuple[int, int, bytes]] = []
    for row in rows:
        group.append(row)
        if sum(n for _, n, _ in group) >= _FULL or sum(len(d) for *_, d in group) >= _FULL_BYTES:
            done.append(_one(group))
            group = []
    return [*done, _one(group)] if len(group) > 1 else done


def _one(group: list[tuple[int, int, bytes]]) -> Joined:
    unpack = zstandard.ZstdDecompressor().decompress
    lines = [line for _, _, data in group for line in _decode(unpack(data))]
    return Joined(group[0][0], group[-1][0], len(lines), encode(lines))


def replace(tables: Tables, run: str, rows: list[Joined]) -> None:
    """Write what `joined` found, inside the caller's transaction."""
    for row in rows:
        place = (run, row.first, row.last)
        sql = "SELECT sum(n) FROM log WHERE run = $1 AND first_seq BETWEEN $2 AND $3"
        if tables.query(sql, *place) != [(row.n,)]:
            continue  # the run was deleted meanwhile, or another server has joined its lines
        _ = tables.query("DELETE FROM log WHERE run = $1 AND first_seq BETWEEN $2 AND $3", *place)
        sql = "INSERT INTO log (run, first_seq, n, data) VALUES ($1, $2, $3, $4)"
        _ = tables.query(sql, run, row.first, row.n, row.data)


def _row_of(tables: Tables, run: str, seq: int) -> int:
    """Return the first_seq of the row that holds line `seq`."""
    sql = "SELECT max(first_seq) FROM log WHERE run = $1 AND first_seq <= $2"
    return int(tables.query(sql, run, seq)[0][0] or 0)
