"""Points in `metrics.db`: one writer, a few reading threads."""

from collections.abc import AsyncGenerator, Callable, Iterable, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, Final, TypeVar, cast

import apsw

from axonml.columns import MetricBatch
from axonml.storage.embedded.database import query, snapshot
from axonml.storage.embedded.readers import Readers
from axonml.storage.embedded.writer import Writer
from axonml.storage.protocols import Appended, Row
from axonml.storage.summaries import summaries_of
from axonml.storage.tables import Tables

R = TypeVar("R")
# Pages that are free beyond these are given back to the disk, a slice at a time.
_FREE_PAGES: Final = 1024
_FREE_SHARE: Final = 0.2
_UPSERT: Final = """
    INSERT INTO series
        (run, name, n, last_step, last_wall, last_value, vmin, vmax, total, n_finite, last)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)
    ON CONFLICT (run, name) DO UPDATE SET
        n = n + excluded.n,
        total = total + excluded.total,
        n_finite = n_finite + excluded.n_finite,
        last_value = iif(excluded.last_step >= last_step, excluded.last_value, last_value),
        last = iif(excluded.last_step >= last_step, excluded.last, last),
        last_wall = iif(excluded.last_step >= last_step, excluded.last_wall, last_wall),
        last_step = max(last_step, excluded.last_step),
        vmin = min(ifnull(vmin, excluded.vmin), ifnull(excluded.vmin, vmin)),
        vmax = max(ifnull(vmax, excluded.vmax), ifnull(excluded.vmax, vmax))
"""


class SqliteTables:
    """`Tables` on one connection."""

    def __init__(self, connection: apsw.Connection) -> None:
        self._connection: Final = connection

    def query(self, sql: str, *parameters: object) -> list[Row]:
        """Run one statement and return its rows."""
        return query(self._connection, sql, *parameters)

    def query_each(self, sql: str, rows: Iterable[Row]) -> None:
        """Run one statement for each row of parameters."""
        _ = self._connection.executemany(sql, rows)

    def stream(self, sql: str, *parameters: object) -> Iterator[Row]:
        """Return the rows of one SELECT, each read when it is wanted."""
        return cast("Iterator[Row]", self._connection.execute(sql, cast("Any", parameters)))


class EmbeddedEngine:
    """`Engine` on SQLite; its readers and its writer are their owner's."""

    def __init__(self, readers: Readers, writer: Writer) -> None:
        self._readers: Final = readers
        self._writer: Final = writer

    async def fetch(self, sql: str, *parameters: object) -> list[Row]:
        """Return the rows of one short SELECT, read in the event loop."""
        return await self._readers.fetch(sql, *parameters)

    async def read(self, job: Callable[[Tables], R]) -> R:
        """Return what `job` returns; all that it reads is of one moment."""

        def within(connection: apsw.Connection) -> R:
            with snapshot(connection):
                return job(SqliteTables(connection))

        return await self._readers.run(within)

    async def write(self, run: str, job: Callable[[Tables], R], size_bytes: int = 0) -> R:  # noqa: ARG002  # one writer serves all runs
        """Run `job` in a transaction and return its result once that is durable."""
        return await self._writer.run(lambda c: job(SqliteTables(c)), size_bytes)

    @asynccontextmanager
    async def packing(self, run: str) -> AsyncGenerator[bool]:  # noqa: ARG002  # nobody else has the file
        """Give True: no other server packs what is in this file."""
        yield True

    async def append(self, run: str, batch: MetricBatch, frame: bytes) -> Appended:
        """Store a batch with its summaries exactly once; see `Series.append`."""

        def job(connection: apsw.Connection) -> Appended:
            return _insert(connection, run, batch, frame)

        return await self._writer.run(job, len(frame))

    async def size_bytes(self) -> int:
        """Return the size of the file and of its write-ahead log."""

        def read(connection: apsw.Connection) -> int:
            path = Path(connection.filename)
            parts = [path, path.with_name(f"{path.name}-wal")]
            return sum(part.stat().st_size for part in parts if part.is_file())

        return await self._readers.run(read)

    async def give_back(self, *, is_quiet: bool) -> None:
        """Shorten the file a little, where packing or deleted runs left much of it empty."""
        ((free,),) = await self._readers.fetch("PRAGMA freelist_count")
        ((pages,),) = await self._readers.fetch("PRAGMA page_count")
        if free > (0 if is_quiet else max(_FREE_PAGES, _FREE_SHARE * pages)):
            await self._writer.run(
                lambda connection: query(connection, f"PRAGMA incremental_vacuum({_FREE_PAGES})")
            )


def _insert(
    connection: apsw.Connection,
    run: str,
    batch: MetricBatch,
    frame: bytes,
) -> Appended:
    sql = "SELECT last_seq FROM writer WHERE run = $1 AND writer = $2"
    known = query(connection, sql, run, batch.writer)
    if known and batch.first_seq <= known[0][0]:
        ((cursor,),) = query(connection, "SELECT cursor FROM run WHERE id = $1", run)
        return Appended(is_new=False, cursor=cursor, last_seq=known[0][0])
    _ = connection.execute(
        "INSERT INTO batch (run, n, data) VALUES ($1, $2, $3)", (run, batch.n_points, frame)
    )
    cursor = connection.last_insert_rowid()
    _ = connection.execute(
        "INSERT INTO writer (run, writer, last_seq) VALUES ($1, $2, $3)"
        " ON CONFLICT (run, writer) DO UPDATE SET last_seq = excluded.last_seq",
        (run, batch.writer, batch.last_seq),
    )
    _ = connection.execute(
        "INSERT INTO run (id, cursor) VALUES ($1, $2)"
        " ON CONFLICT (id) DO UPDATE SET cursor = excluded.cursor",
        (run, cursor),
    )
    # Here and not before: a batch may have a million points, and the event loop no time for them.
    summaries = (row for block in batch.blocks for row in summaries_of(run, block))
    _ = connection.executemany(_UPSERT, summaries)
    return Appended(is_new=True, cursor=cursor, last_seq=batch.last_seq)
