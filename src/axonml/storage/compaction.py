"""Packs loose batches into chunks: encoded outside of any write, stored one run a commit."""

import asyncio
from typing import Final

import msgspec
import structlog

from axonml.clock import monotonic
from axonml.columns import Block, decode_batch
from axonml.storage import runlog
from axonml.storage.chunks import Change, merged, store
from axonml.storage.points import by_name
from axonml.storage.tables import Engine, Tables

# A run is packed when it has this many loose points, this many a name, or this many batches: a
# read decodes them all.
LOOSE_POINTS: Final = 16_384
_LOOSE_PER_NAME: Final = 32
_LOOSE_BATCHES: Final = 256
_IDLE_S: Final = 60.0
_LOOK_EVERY_S: Final = 1.0
# What one commit packs at most, so that no write waits long for it.
_MOST_POINTS: Final = 1 << 20
# All that is free is given back to the disk once nothing has come for a while.
_QUIET_S: Final = 3.0
_log: Final = structlog.stdlib.get_logger("axonml.storage")


class _Loose(msgspec.Struct):
    """What a run has in loose batches and log rows, when the last came, when to try again."""

    n_points: int = 0
    n_batches: int = 0
    n_names: int = 0
    n_log_rows: int = 0
    last: float = 0.0
    not_before: float = 0.0

    def is_due(self, at: float) -> bool:
        return at >= self.not_before and (
            self.n_points >= max(LOOSE_POINTS, _LOOSE_PER_NAME * self.n_names)
            or max(self.n_batches, self.n_log_rows) >= _LOOSE_BATCHES
            or at - self.last >= _IDLE_S
        )


class _Packed(msgspec.Struct, frozen=True):
    """A run's batches up to `upto`, as changes of its series' chunks; `is_part`: there are more.

    `before` is what was packed when they were read.
    """

    before: int
    upto: int
    is_part: bool
    changes: list[Change]


class Compaction:
    """Knows how many loose points each run has, and packs a run when it is time."""

    def __init__(self, engine: Engine) -> None:
        self._engine: Final = engine
        self._loose: Final[dict[str, _Loose]] = {}
        self._packing: Final = asyncio.Lock()
        self._task: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Take up what an earlier process left loose, and begin to look."""
        rows = await self._engine.fetch("SELECT run, sum(n), count(*) FROM batch GROUP BY run")
        at = monotonic()
        self._loose.update({run: _Loose(n, n_batches, last=at) for run, n, n_batches in rows})
        self._task = asyncio.create_task(self._look(), name="compaction")

    async def stop(self) -> None:
        """End; what is loose stays loose and is read all the same."""
        if self._task is not None:
            _ = self._task.cancel()
            _ = await asyncio.gather(self._task, return_exceptions=True)

    def count(self, run: str, n_points: int, n_names: int) -> None:
        """Note that the run has a loose batch more."""
        loose = self._loose.setdefault(run, _Loose())
        loose.n_points += n_points
        loose.n_batches += 1
        loose.n_names = max(loose.n_names, n_names)
        loose.last = monotonic()

    def count_log(self, run: str) -> None:
        """Note that the run's log has a row more."""
        loose = self._loose.setdefault(run, _Loose())
        loose.n_log_rows += 1
        loose.last = monotonic()

    def forget(self, run: str) -> None:
        """Note that the run is gone."""
        _ = self._loose.pop(run, None)

    async def pack(self, run: str) -> None:
        """Pack the run's loose batches and lines; those that come meanwhile stay loose."""
        async with self._packing, self._engine.packing(run) as is_ours:
            if not is_ours:
                return
            # What comes from now on counts anew.
            before = self._loose.pop(run, _Loose())
            done = await asyncio.gather(
                self._pack_points(run), self._pack_lines(run), return_exceptions=True
            )
            for failure in done:
                if failure is not None:
                    self._take_back(run, before)
                    raise failure

    async def _pack_points(self, run: str) -> None:
        is_part = True
        while is_part:
            packed = await self._engine.read(lambda tables: _packed(tables, run))
            if packed is None:
                return
            await self._replace(run, packed)
            is_part = packed.is_part

    async def _replace(self, run: str, packed: _Packed) -> None:
        await self._engine.write(run, lambda tables: _replace(tables, run, packed))

    async def _pack_lines(self, run: str) -> None:
        rows = await self._engine.read(lambda tables: runlog.joined(tables, run))
        if rows:
            await self._engine.write(run, lambda tables: runlog.replace(tables, run, rows))

    def _take_back(self, run: str, before: _Loose) -> None:
        """Note that what was loose still is, and is not worth another try at once."""
        loose = self._loose.setdefault(run, _Loose())
        loose.n_points += before.n_points
        loose.n_batches += before.n_batches
        loose.n_log_rows += before.n_log_rows
        loose.not_before = monotonic() + _IDLE_S

    async def _look(self) -> None:
        while True:
            await asyncio.sleep(_LOOK_EVERY_S)
            at = monotonic()
            for run in [run for run, loose in self._loose.items() if loose.is_due(at)]:
                # Whatever is wrong with one run (a full disk, a row from a newer program) must
                # not keep the others loose.
                (failure,) = await asyncio.gather(self.pack(run), return_exceptions=True)
                if failure is not None:
                    _log.warning("could not pack", run=run, error=repr(failure))
            _ = await asyncio.gather(self._give_back(), return_exceptions=True)

    async def _give_back(self) -> None:
        """Shorten the file a little, where packing or deleted runs left much of it empty."""
        at = monotonic()
        is_quiet = all(at - loose.last >= _QUIET_S for loose in self._loose.values())
        await self._engine.give_back(is_quiet=is_quiet)


def _packed(tables: Tables, run: str) -> _Packed | None:
    """Read the run's oldest loose batches and encode what its chunks become."""
    found = tables.query("SELECT packed FROM run WHERE id = $1", run)
    blocks: list[Block] = []
    upto = n_points = 0
    is_part = False
    # Batch by batch: a run that was loose for long may have more than fit in memory.
    sql = "SELECT seq, n, data FROM batch WHERE run = $1 ORDER BY seq"
    for seq, n, frame in tables.stream(sql, run):
        if n_points >= _MOST_POINTS:
            is_part = True
            break
        blocks += decode_batch(frame).blocks
        upto, n_points = seq, n_points + n
    if not found or not upto:
        return None
    ids = dict(tables.query("SELECT name, id FROM series WHERE run = $1", run))
    changes = [merged(tables, ids[name], new) for name, new in by_name(blocks).items()]
    return _Packed(found[0][0], upto, is_part, changes)


def _replace(tables: Tables, run: str, packed: _Packed) -> None:
    """Replace batches by chunks in one transaction.

    Not where the run was deleted meanwhile, or packed by another server.
    """
    sql = "UPDATE run SET packed = $1 WHERE id = $2 AND packed = $3 RETURNING id"
    if not tables.query(sql, packed.upto, run, packed.before):
        return
    store(tables, packed.changes)
    _ = tables.query("DELETE FROM batch WHERE run = $1 AND seq <= $2", run, packed.upto)
