"""Packs loose batches into chunks: encoded outside of any write, stored one run a commit."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Final, Protocol, TypeVar

import apsw
import msgspec
import structlog

from axonml.clock import monotonic
from axonml.columns import decode_batch
from axonml.errors import AxonError
from axonml.storage.embedded.chunks import EncodedChunk, Points, joined, merged, store
from axonml.storage.embedded.database import query, snapshot
from axonml.storage.embedded.writer import Writer

T = TypeVar("T")
LOOSE_POINTS: Final = 16_384
_IDLE_S: Final = 60.0
_LOOK_EVERY_S: Final = 1.0
_log: Final = structlog.stdlib.get_logger("axonml.storage")


class InThread(Protocol):
    """Runs a read on a reading thread's own connection."""

    def __call__(self, read: Callable[[apsw.Connection], T]) -> Awaitable[T]:
        """Return what `read` returns."""
        ...


class _Packed(msgspec.Struct, frozen=True):
    """A run's batches up to `upto`, as chunks: (name, first replaced seq, chunks) a series."""

    upto: int
    n_points: int
    series: list[tuple[int, int, list[EncodedChunk]]]


class Compaction:
    """Knows how many loose points each run has, and packs a run when it is time."""

    def __init__(self, writer: Writer, in_thread: InThread) -> None:
        self._writer: Final = writer
        self._in_thread: Final = in_thread
        self._loose: Final[dict[str, tuple[int, float]]] = {}
        self._packing: Final = asyncio.Lock()
        self._task: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Take up what an earlier process left loose, and begin to look."""
        rows = await self._in_thread(
            lambda c: query(c, "SELECT id, n_loose FROM run WHERE n_loose > 0")
        )
        self._loose.update({run: (n, monotonic()) for run, n in rows})
        self._task = asyncio.create_task(self._look(), name="compaction")

    async def stop(self) -> None:
        """End; what is loose stays loose and is read all the same."""
        if self._task is not None:
            _ = self._task.cancel()
            _ = await asyncio.gather(self._task, return_exceptions=True)

    def count(self, run: str, n_points: int) -> None:
        """Note that the run has `n_points` more in loose batches."""
        before, _ = self._loose.get(run, (0, 0.0))
        self._loose[run] = (before + n_points, monotonic())

    def forget(self, run: str) -> None:
        """Note that the run is gone."""
        _ = self._loose.pop(run, None)

    async def pack(self, run: str) -> None:
        """Pack the run's loose batches; those that come meanwhile stay loose."""
        async with self._packing:
            packed = await self._in_thread(lambda connection: _packed(connection, run))
            if packed is None:
                self.forget(run)
                return
            await self._writer.run(lambda connection: _store(connection, run, packed))
            left, last = self._loose.get(run, (0, 0.0))
            if left > packed.n_points:
                self._loose[run] = (left - packed.n_points, last)
            else:
                self.forget(run)

    async def _look(self) -> None:
        while True:
            await asyncio.sleep(_LOOK_EVERY_S)
            at = monotonic()
            for run, (n_points, last) in list(self._loose.items()):
                if n_points < LOOSE_POINTS and at - last < _IDLE_S:
                    continue
                try:
                    await self.pack(run)
                except (AxonError, apsw.Error) as error:  # a full disk: try again later
                    _log.warning("could not pack", run=run, error=str(error))


def _packed(connection: apsw.Connection, run: str) -> _Packed | None:
    """Read the run's loose batches and encode what its chunks become."""
    with snapshot(connection):
        batches = query(
            connection, "SELECT seq, n, data FROM batch WHERE run = $1 ORDER BY seq", run
        )
        if not batches:
            return None
        pieces: dict[str, list[Points]] = {}
        for _, _, frame in batches:
            for block in decode_batch(frame).blocks:
                if len(block.step):
                    for i, name in enumerate(block.names):
                        points = Points(block.step, block.values[i], block.wall_ms)
                        pieces.setdefault(name, []).append(points)
        ids = dict(query(connection, "SELECT name, id FROM series WHERE run = $1", run))
        series = [
            (ids[name], *merged(connection, ids[name], joined(points).sorted()))
            for name, points in pieces.items()
        ]
    return _Packed(batches[-1][0], sum(n for _, n, _ in batches), series)


def _store(connection: apsw.Connection, run: str, packed: _Packed) -> None:
    """Replace batches by chunks in one transaction, unless the run was deleted meanwhile."""
    if not query(connection, "SELECT 1 FROM run WHERE id = $1", run):
        return
    for series, start, chunks in packed.series:
        store(connection, series, start, chunks)
    _ = connection.execute("DELETE FROM batch WHERE run = $1 AND seq <= $2", (run, packed.upto))
    _ = connection.execute(
        "UPDATE run SET packed = $1, n_loose = n_loose - $2 WHERE id = $3",
        (packed.upto, packed.n_points, run),
    )
