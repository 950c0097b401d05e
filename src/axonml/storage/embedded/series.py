"""Metric points in `metrics.db`: batches stored as they come, summaries kept beside them."""

import math
import struct
from collections.abc import Sequence
from pathlib import Path
from typing import Final

import apsw
import numpy as np
from numpy.typing import NDArray

from axonml.columns import Block, MetricBatch, decode_batch
from axonml.storage.embedded import runlog
from axonml.storage.embedded.chunks import read_window, thin
from axonml.storage.embedded.compaction import Compaction
from axonml.storage.embedded.database import query, snapshot
from axonml.storage.embedded.readers import Readers
from axonml.storage.embedded.writer import Writer
from axonml.storage.points import NONE, Points, by_name, joined
from axonml.storage.protocols import Appended, Logged, LogLine, SeriesInfo, SeriesSlice
from axonml.storage.pyramid import m4

_EXACT_PER_PIXEL: Final = 2
_THIN_SLICE: Final = 100  # chunks a transaction, so that no write waits long for it
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

_SERIES_ID: Final = "SELECT id FROM series WHERE run = $1 AND name = $2"
_CURSOR: Final = "SELECT cursor FROM run WHERE id = $1"
_INFO: Final = (
    "SELECT name, n, last_step, last_wall, last_value, vmin, vmax, total, n_finite FROM series"
    " WHERE run = $1 ORDER BY name"
)

_Summary = tuple[
    str, str, int, int, int, bytes, float | None, float | None, float, int, float | None
]
_Described = tuple[str, int, int, int, bytes, float | None, float | None, float | None, int]


class EmbeddedSeries:
    """`Series` on SQLite: one writer, a few reading threads, loose batches packed in time."""

    def __init__(self, readers: Readers, writer: Writer) -> None:
        self._readers: Final = readers
        self._writer: Final = writer
        self._compaction: Final = Compaction(writer, readers)

    async def start(self) -> None:
        """Begin to pack loose batches; `close` ends it."""
        await self._compaction.start()

    async def append(self, run: str, batch: MetricBatch, frame: bytes) -> Appended:
        """Store the batch exactly once; see `Series.append`."""

        def job(connection: apsw.Connection) -> Appended:
            return _insert(connection, run, batch, frame)

        appended = await self._writer.run(job, len(frame))
        if appended.is_new:
            n_names = sum(len(block.names) for block in batch.blocks)
            self._compaction.count(run, batch.n_points, n_names)
        return appended

    async def cursor(self, run: str) -> int:
        """Return the cursor of the run's newest batch, 0 where it has none."""
        rows = await self._readers.fetch(_CURSOR, run)
        return int(rows[0][0]) if rows else 0

    async def since(self, run: str, cursor: int) -> list[tuple[int, bytes]] | None:
        """Return (cursor, frame) of the batches after `cursor`; None where some are packed."""

        def read(connection: apsw.Connection) -> list[tuple[int, bytes]] | None:
            with snapshot(connection):
                rows = query(connection, "SELECT packed FROM run WHERE id = $1", run)
                if rows and rows[0][0] > cursor:
                    return None
                sql = "SELECT seq, data FROM batch WHERE run = $1 AND seq > $2 ORDER BY seq"
                return [(seq, frame) for seq, frame in query(connection, sql, run, cursor)]

        return await self._readers.run(read)

    async def info(self, runs: Sequence[str]) -> dict[str, list[SeriesInfo]]:
        """Return the summaries of every series of each run, by name."""

        def read(connection: apsw.Connection) -> dict[str, list[SeriesInfo]]:
            with snapshot(connection):
                rows = {run: query(connection, _INFO, run) for run in runs}
            return {run: [_info(row) for row in found] for run, found in rows.items() if found}

        return await self._readers.run(read)

    async def read(
        self,
        run: str,
        names: Sequence[str],
        first_step: int | None = None,
        last_step: int | None = None,
        width: int | None = None,
    ) -> list[SeriesSlice]:
        """Return the points of each named series in the window; see `Series.read`."""

        def read(connection: apsw.Connection) -> list[SeriesSlice]:
            slices: list[SeriesSlice] = []
            with snapshot(connection):  # a batch is loose or packed, never both or neither
                loose = _loose(connection, run, set(names))
                for name in names:
                    found = query(connection, _SERIES_ID, run, name)
                    if not found:
                        continue
                    packed, is_exact = read_window(
                        connection, found[0][0], first_step, last_step, width
                    )
                    new = loose.get(name, NONE).within(first_step, last_step)
                    points = joined([packed, new]).sorted()
                    slices.append(_slice(name, points, width, is_exact=is_exact))
            return slices

        return await self._readers.run(read)

    async def append_log(
        self,
        run: str,
        lines: Sequence[tuple[int, str, str]],
        writer: str = "",
        seqs: Sequence[int] = (),
    ) -> Logged:
        """Store lines (wall_ms, level, message) in order; see `Series.append_log`."""
        if not lines:
            rows = await self._readers.fetch("SELECT log_seq FROM run WHERE id = $1", run)
            return Logged(int(rows[0][0]) if rows else 0, 0)
        n, data = len(lines), b"" if writer else runlog.encode(lines)

        def job(connection: apsw.Connection) -> Logged:
            if writer:
                return runlog.insert_new(connection, run, lines, writer, seqs)
            return Logged(runlog.insert(connection, run, n, data), n)

        size = len(data) or sum(len(message) for *_, message in lines)
        logged = await self._writer.run(job, size)
        if logged.n_new:
            self._compaction.count_log(run)
        return logged

    async def read_log(
        self,
        run: str,
        after: int = 0,
        limit: int = 1000,
        text: str = "",
        between_ms: tuple[int, int] | None = None,
    ) -> list[LogLine]:
        """Return lines after seq `after` that contain `text`; -1 asks for the last ones."""
        return await self._readers.run(
            lambda connection: runlog.read(connection, run, after, limit, text, between_ms)
        )

    async def finish(self, run: str) -> None:
        """Pack the run's loose batches now; a repeat is a no-op."""
        await self._compaction.pack(run)

    async def thin(self, run: str) -> int:
        """Drop the points that charts can do without, in slices; see `Series.thin`."""
        await self.finish(run)
        n_chunks = 0
        while n := await self._writer.run(lambda connection: thin(connection, run, _THIN_SLICE)):
            n_chunks += n
        return n_chunks

    async def delete(self, run: str) -> None:
        """Delete every point and line of the run, in slices that hold up nobody."""
        self._compaction.forget(run)
        while await self._writer.run(lambda connection: _delete_slice(connection, run)):
            pass

    async def totals(self) -> dict[str, int]:
        """Return `n_points`, `n_series`, `n_runs` and `size_bytes` over everything."""

        def read(connection: apsw.Connection) -> dict[str, int]:
            ((n_points, n_series, n_runs),) = query(
                connection, "SELECT ifnull(sum(n), 0), count(*), count(DISTINCT run) FROM series"
            )
            path = Path(connection.filename)
            parts = [path, path.with_name(f"{path.name}-wal")]
            size = sum(part.stat().st_size for part in parts if part.is_file())
            return {
                "n_points": n_points,
                "n_series": n_series,
                "n_runs": n_runs,
                "size_bytes": size,
            }

        return await self._readers.run(read)

    async def close(self) -> None:
        """End packing; readers and writer are closed by their owner."""
        await self._compaction.stop()


def _insert(
    connection: apsw.Connection,
    run: str,
    batch: MetricBatch,
    frame: bytes,
) -> Appended:
    sql = "SELECT last_seq FROM writer WHERE run = $1 AND writer = $2"
    known = query(connection, sql, run, batch.writer)
    if known and batch.first_seq <= known[0][0]:
        ((cursor,),) = query(connection, _CURSOR, run)
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
    summaries = (row for block in batch.blocks for row in _summaries(run, block))
    _ = connection.executemany(_UPSERT, summaries)
    return Appended(is_new=True, cursor=cursor, last_seq=batch.last_seq)


def _summaries(run: str, block: Block) -> list[_Summary]:
    """Return one row for each name: number of points, last point, extremes over finite values."""
    n = len(block.step)
    if not n:
        return []
    # The last of the rows with the highest step.
    at = n - 1 - int(np.argmax(block.step[::-1]))
    step, wall_ms = int(block.step[at]), int(block.wall_ms[at])
    finite: NDArray[np.bool_] = np.isfinite(block.values)
    lowest: list[float] = np.where(finite, block.values, np.inf).min(axis=1).tolist()
    highest: list[float] = np.where(finite, block.values, -np.inf).max(axis=1).tolist()
    n_finite: list[int] = finite.sum(axis=1).tolist()
    with np.errstate(over="ignore"):  # a sum beyond the largest float is infinite, and no mean
        totals: list[float] = np.where(finite, block.values, 0.0).sum(axis=1).tolist()
    last = block.values[:, at].tolist()
    return [
        (
            run,
            name,
            n,
            step,
            wall_ms,
            struct.pack("<d", last[i]),
            lowest[i] if n_finite[i] else None,
            highest[i] if n_finite[i] else None,
            totals[i],
            n_finite[i],
            last[i],  # SQLite stores a NaN as NULL, which is meant here
        )
        for i, name in enumerate(block.names)
    ]


def _info(row: _Described) -> SeriesInfo:
    name, n, last_step, last_wall, last_value, vmin, vmax, total, n_finite = row
    (value,) = struct.unpack("<d", last_value)
    mean = None if total is None or not n_finite else total / n_finite
    if mean is not None and not math.isfinite(mean):
        mean = None
    return SeriesInfo(name, n, last_step, last_wall, value, vmin, vmax, mean)


def _loose(connection: apsw.Connection, run: str, names: set[str]) -> dict[str, Points]:
    """Return what the named series have in batches that are not packed yet."""
    frames = query(connection, "SELECT data FROM batch WHERE run = $1 ORDER BY seq", run)
    blocks = (block for (frame,) in frames for block in decode_batch(frame).blocks)
    return by_name(blocks, names)


def _slice(name: str, points: Points, width: int | None, *, is_exact: bool) -> SeriesSlice:
    if width is not None and (not is_exact or len(points) > _EXACT_PER_PIXEL * width):
        points = points.at(m4(points.step, points.value, width))
        is_exact = False
    return SeriesSlice(name, points.step, points.value, points.wall_ms, is_exact)


_SLICES: Final = (
    "DELETE FROM batch WHERE seq IN (SELECT seq FROM batch WHERE run = $1 LIMIT 200)",
    """DELETE FROM chunk WHERE rowid IN (
        SELECT c.rowid FROM series s JOIN chunk c ON c.series = s.id WHERE s.run = $1 LIMIT 200)""",
    """DELETE FROM log WHERE run = $1 AND first_seq IN
        (SELECT first_seq FROM log WHERE run = $1 LIMIT 200)""",
)


def _delete_slice(connection: apsw.Connection, run: str) -> bool:
    """Delete a part of the run; tell whether there may be more."""
    for sql in _SLICES:
        _ = query(connection, sql, run)
        if connection.changes():
            return True
    for sql in (
        "DELETE FROM series WHERE run = $1",
        "DELETE FROM writer WHERE run = $1",
        "DELETE FROM run WHERE id = $1",
    ):
        _ = query(connection, sql, run)
    return False
