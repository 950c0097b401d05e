"""Metric points: batches stored as they come, chunks made of them, summaries beside them."""

from collections.abc import Sequence
from typing import Final

from axonml.columns import MetricBatch, decode_batch
from axonml.storage import runlog
from axonml.storage.chunks import read_window, thin
from axonml.storage.compaction import Compaction
from axonml.storage.points import NONE, Points, by_name, joined
from axonml.storage.protocols import Appended, Logged, LogLine, SeriesInfo, SeriesSlice
from axonml.storage.pyramid import m4
from axonml.storage.summaries import COLUMNS, info_of
from axonml.storage.tables import Engine, Tables

_EXACT_PER_PIXEL: Final = 2
_THIN_SLICE: Final = 100  # chunks a transaction, so that no write waits long for it
_SERIES_ID: Final = "SELECT id FROM series WHERE run = $1 AND name = $2"
_CURSOR: Final = "SELECT cursor FROM run WHERE id = $1"
_INFO: Final = f"SELECT {COLUMNS} FROM series WHERE run = $1 ORDER BY name"  # constants


class PackedSeries:
    """`Series` on any engine: batches as they came, packed into chunks in time."""

    def __init__(self, engine: Engine) -> None:
        self._engine: Final = engine
        self._compaction: Final = Compaction(engine)

    async def start(self) -> None:
        """Begin to pack loose batches; `close` ends it."""
        await self._compaction.start()

    async def append(self, run: str, batch: MetricBatch, frame: bytes) -> Appended:
        """Store the batch exactly once; see `Series.append`."""
        appended = await self._engine.append(run, batch, frame)
        if appended.is_new:
            n_names = sum(len(block.names) for block in batch.blocks)
            self._compaction.count(run, batch.n_points, n_names)
        return appended

    async def cursor(self, run: str) -> int:
        """Return the cursor of the run's newest batch, 0 where it has none."""
        rows = await self._engine.fetch(_CURSOR, run)
        return int(rows[0][0]) if rows else 0

    async def since(self, run: str, cursor: int) -> list[tuple[int, bytes]] | None:
        """Return (cursor, frame) of the batches after `cursor`; None where some are packed."""

        def read(tables: Tables) -> list[tuple[int, bytes]] | None:
            rows = tables.query("SELECT packed FROM run WHERE id = $1", run)
            if rows and rows[0][0] > cursor:
                return None
            sql = "SELECT seq, data FROM batch WHERE run = $1 AND seq > $2 ORDER BY seq"
            return [(seq, frame) for seq, frame in tables.query(sql, run, cursor)]

        return await self._engine.read(read)

    async def info(self, runs: Sequence[str]) -> dict[str, list[SeriesInfo]]:
        """Return the summaries of every series of each run, by name."""

        def read(tables: Tables) -> dict[str, list[SeriesInfo]]:
            rows = {run: tables.query(_INFO, run) for run in runs}
            return {run: [info_of(row) for row in found] for run, found in rows.items() if found}

        return await self._engine.read(read)

    async def read(
        self,
        run: str,
        names: Sequence[str],
        first_step: int | None = None,
        last_step: int | None = None,
        width: int | None = None,
    ) -> list[SeriesSlice]:
        """Return the points of each named series in the window; see `Series.read`."""

        def read(tables: Tables) -> list[SeriesSlice]:
            # Of one moment: a batch is loose or packed, never both or neither.
            slices: list[SeriesSlice] = []
            loose = _loose(tables, run, set(names))
            for name in names:
                found = tables.query(_SERIES_ID, run, name)
                if not found:
                    continue
                packed, is_exact = read_window(tables, found[0][0], first_step, last_step, width)
                new = loose.get(name, NONE).within(first_step, last_step)
                points = joined([packed, new]).sorted()
                slices.append(_slice(name, points, width, is_exact=is_exact))
            return slices

        return await self._engine.read(read)

    async def append_log(
        self,
        run: str,
        lines: Sequence[tuple[int, str, str]],
        writer: str = "",
        seqs: Sequence[int] = (),
    ) -> Logged:
        """Store lines (wall_ms, level, message) in order; see `Series.append_log`."""
        if not lines:
            rows = await self._engine.fetch("SELECT log_seq FROM run WHERE id = $1", run)
            return Logged(int(rows[0][0]) if rows else 0, 0)
        n, data = len(lines), b"" if writer else runlog.encode(lines)

        def job(tables: Tables) -> Logged:
            if writer:
                return runlog.insert_new(tables, run, lines, writer, seqs)
            return Logged(runlog.insert(tables, run, n, data), n)

        size = len(data) or sum(len(message) for *_, message in lines)
        logged = await self._engine.write(run, job, size)
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
        return await self._engine.read(
            lambda tables: runlog.read(tables, run, after, limit, text, between_ms)
        )

    async def finish(self, run: str) -> None:
        """Pack the run's loose batches now; a repeat is a no-op."""
        await self._compaction.pack(run)

    async def thin(self, run: str) -> int:
        """Drop the points that charts can do without, in slices; see `Series.thin`."""
        await self.finish(run)
        n_chunks = 0
        while n := await self._engine.write(run, lambda tables: thin(tables, run, _THIN_SLICE)):
            n_chunks += n
        return n_chunks

    async def delete(self, run: str) -> None:
        """Delete every point and line of the run, in slices that hold up nobody."""
        self._compaction.forget(run)
        while await self._engine.write(run, lambda tables: _delete_slice(tables, run)):
            pass

    async def totals(self) -> dict[str, int]:
        """Return `n_points`, `n_series`, `n_runs` and `size_bytes` over everything."""
        sql = "SELECT coalesce(sum(n), 0), count(*), count(DISTINCT run) FROM series"
        ((n_points, n_series, n_runs),) = await self._engine.read(lambda t: t.query(sql))
        return {
            "n_points": int(n_points),
            "n_series": n_series,
            "n_runs": n_runs,
            "size_bytes": await self._engine.size_bytes(),
        }

    async def close(self) -> None:
        """End packing; the engine is closed by its owner."""
        await self._compaction.stop()


def _loose(tables: Tables, run: str, names: set[str]) -> dict[str, Points]:
    """Return what the named series have in batches that are not packed yet."""
    frames = tables.query("SELECT data FROM batch WHERE run = $1 ORDER BY seq", run)
    blocks = (block for (frame,) in frames for block in decode_batch(frame).blocks)
    return by_name(blocks, names)


def _slice(name: str, points: Points, width: int | None, *, is_exact: bool) -> SeriesSlice:
    if width is not None and (not is_exact or len(points) > _EXACT_PER_PIXEL * width):
        points = points.at(m4(points.step, points.value, width))
        is_exact = False
    return SeriesSlice(name, points.step, points.value, points.wall_ms, is_exact)


_SLICES: Final = (
    "DELETE FROM batch WHERE seq IN (SELECT seq FROM batch WHERE run = $1 LIMIT 200) RETURNING 1",
    """DELETE FROM chunk WHERE (series, level, seq) IN (
        SELECT c.series, c.level, c.seq FROM series s JOIN chunk c ON c.series = s.id
        WHERE s.run = $1 LIMIT 200) RETURNING 1""",
    """DELETE FROM log WHERE run = $1 AND first_seq IN
        (SELECT first_seq FROM log WHERE run = $1 LIMIT 200) RETURNING 1""",
)


def _delete_slice(tables: Tables, run: str) -> bool:
    """Delete a part of the run; tell whether there may be more."""
    # Whoever appends to the run waits for this: nothing of it comes after its end.
    _ = tables.query("UPDATE run SET packed = packed WHERE id = $1", run)
    if any(tables.query(sql, run) for sql in _SLICES):
        return True
    for sql in (
        "DELETE FROM series WHERE run = $1",
        "DELETE FROM writer WHERE run = $1",
        "DELETE FROM run WHERE id = $1",
    ):
        _ = tables.query(sql, run)
    return False
