"""Log lines of runs: packed as they came, read and searched by line number."""

from collections.abc import Iterator, Sequence
from typing import Final, cast

import apsw
import msgspec
import zstandard

from axonml.storage.embedded.database import query
from axonml.storage.protocols import LogLine

_Lines = list[tuple[int, str, str]]
_decode: Final = msgspec.msgpack.Decoder(_Lines).decode
_LEVEL: Final = 3


def encode(lines: Sequence[tuple[int, str, str]]) -> bytes:
    """Return lines (wall_ms, level, message) as bytes."""
    return zstandard.ZstdCompressor(_LEVEL).compress(msgspec.msgpack.encode(lines))


def insert(connection: apsw.Connection, run: str, n: int, data: bytes) -> int:
    """Store `n` encoded lines, at least one, after what the run has; return the seq of the last."""
    ((last,),) = query(
        connection,
        "INSERT INTO run (id, log_seq) VALUES ($1, $2) ON CONFLICT (id) DO UPDATE"
        " SET log_seq = log_seq + excluded.log_seq RETURNING log_seq",
        run,
        n,
    )
    _ = connection.execute(
        "INSERT INTO log (run, first_seq, n, data) VALUES ($1, $2, $3, $4)",
        (run, last - n + 1, n, data),
    )
    return int(last)


def read(connection: apsw.Connection, run: str, after: int, limit: int, text: str) -> list[LogLine]:
    """Return at most `limit` lines after seq `after` that contain `text`; -1: the last ones."""
    backwards = after < 0
    rows = connection.execute(
        "SELECT first_seq, data FROM log WHERE run = $1 AND first_seq >= $2"
        f" ORDER BY first_seq {'DESC' if backwards else 'ASC'}",
        (run, _row_of(connection, run, after + 1)),
    )
    unpack, sought = zstandard.ZstdDecompressor().decompress, text.casefold()
    found: list[LogLine] = []
    # Streamed: a log can be long.
    for first, data in cast("Iterator[tuple[int, bytes]]", rows):
        lines = [
            LogLine(first + i, wall_ms, level, message)
            for i, (wall_ms, level, message) in enumerate(_decode(unpack(data)))
            if first + i > after and (not sought or sought in message.casefold())
        ]
        found += reversed(lines) if backwards else lines
        if len(found) >= limit:
            break
    return found[:limit][::-1] if backwards else found[:limit]


def _row_of(connection: apsw.Connection, run: str, seq: int) -> int:
    """Return the first_seq of the row that holds line `seq`."""
    sql = "SELECT max(first_seq) FROM log WHERE run = $1 AND first_seq <= $2"
    return int(query(connection, sql, run, seq)[0][0] or 0)
