"""Loose batches are packed in time, by themselves, and whatever happens meanwhile."""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Final

import numpy as np
import pytest
from factories import a_batch, append

from axonml.columns import Block, MetricBatch, encode_batch
from axonml.storage import compaction
from axonml.storage.compaction import Compaction
from axonml.storage.embedded import series as embedded
from axonml.storage.embedded.database import open_file, query
from axonml.storage.embedded.readers import Readers
from axonml.storage.embedded.series import EmbeddedEngine
from axonml.storage.embedded.writer import Writer
from axonml.storage.series import PackedSeries
from axonml.storage.tables import Tables

pytestmark = pytest.mark.anyio

DEADLINE_S: Final = 20.0


class Bench:
    """A `metrics.db` with everything around it that packs."""

    def __init__(self, folder: Path) -> None:
        path = folder / "metrics.db"
        self.connection: Final = open_file(path, "metrics", "full")
        self.writer: Final = Writer(self.connection, "writer")
        self.readers: Final = Readers(path, "full")
        self.series: Final = PackedSeries(EmbeddedEngine(self.readers, self.writer))

    async def counts(self) -> tuple[int, int]:
        """Return the numbers of loose batches and of chunks."""
        ((n_batches, n_chunks),) = await self.readers.fetch(
            "SELECT (SELECT count(*) FROM batch), (SELECT count(*) FROM chunk WHERE level = 0)"
        )
        return n_batches, n_chunks


@asynccontextmanager
async def opened(folder: Path) -> AsyncGenerator[Bench]:
    """Open the bench for the body."""
    bench = Bench(folder)
    await bench.series.start()
    yield bench
    await bench.series.close()
    await bench.readers.close()
    await bench.writer.close()


@pytest.fixture
async def bench(tmp_path: Path) -> AsyncIterator[Bench]:
    """Return an open bench."""
    async with opened(tmp_path) as bench:
        yield bench


class Packings:
    """Sees each packing end."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.done: Final[asyncio.Queue[str]] = asyncio.Queue()
        pack = Compaction.pack

        async def packing(compaction: Compaction, run: str) -> None:
            try:
                await pack(compaction, run)
            finally:
                self.done.put_nowait(run)

        monkeypatch.setattr(Compaction, "pack", packing)
        monkeypatch.setattr(compaction, "_LOOK_EVERY_S", 0.01)

    async def next(self) -> str:
        async with asyncio.timeout(DEADLINE_S):
            return await self.done.get()


@pytest.fixture
def packings(monkeypatch: pytest.MonkeyPatch) -> Packings:
    """Return a witness of packings; the task looks a hundred times a second."""
    return Packings(monkeypatch)


async def test_a_run_with_many_loose_points_is_packed(packings: Packings, bench: Bench) -> None:
    _ = await append(bench.series, "quiet", a_batch(1, 10))
    _ = await append(bench.series, "busy", a_batch(1, compaction.LOOSE_POINTS))

    assert await packings.next() == "busy"
    assert await bench.counts() == (1, 2)


async def test_a_run_with_many_small_batches_is_packed(packings: Packings, bench: Bench) -> None:
    for seq in range(1, 257):
        _ = await append(bench.series, "chatty", a_batch(seq, 1))

    assert await packings.next() == "chatty"
    (loss,) = await bench.series.read("chatty", ["loss"])
    assert loss.step.tolist() == list(range(1, 257))


async def test_a_log_with_many_small_rows_is_packed(packings: Packings, bench: Bench) -> None:
    for i in range(256):
        _ = await bench.series.append_log("r", [(i, "info", str(i))])

    assert await packings.next() == "r"
    assert await bench.readers.fetch("SELECT n FROM log") == [(256,)]
    assert [line.message for line in await bench.series.read_log("r")] == [*map(str, range(256))]


async def test_a_run_with_many_names_is_packed_less_often(bench: Bench) -> None:
    names = tuple(f"layer{i}" for i in range(1000))
    loose = compaction._Loose(20 * len(names), 20, len(names), last=100.0)

    assert not loose.is_due(100.0)
    loose.n_points = 32 * len(names)
    assert loose.is_due(100.0)


async def test_an_idle_run_is_packed_also_after_a_restart(
    packings: Packings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with opened(tmp_path) as bench:
        _ = await append(bench.series, "r", a_batch(1, 10))
    monkeypatch.setattr(compaction, "_IDLE_S", 0.05)

    async with opened(tmp_path) as bench:
        assert await packings.next() == "r"
        assert await bench.counts() == (0, 1)
        assert (await bench.series.read("r", ["loss"]))[0].step.tolist() == list(range(1, 11))


async def test_a_run_that_cannot_be_packed_does_not_keep_the_others_loose(
    packings: Packings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with opened(tmp_path) as bench:
        sql = "INSERT INTO batch (run, n, data) VALUES ('bad', 10, x'00')"
        _ = await bench.writer.run(lambda connection: query(connection, sql))
    monkeypatch.setattr(compaction, "LOOSE_POINTS", 10)

    async with opened(tmp_path) as bench:
        _ = await append(bench.series, "good", a_batch(1, 50))

        assert {await packings.next(), await packings.next()} == {"bad", "good"}
        assert await bench.series.since("good", 0) is None
        # Tried again later, not at every look.
        assert packings.done.empty()


async def test_more_than_fits_in_one_commit_is_packed_in_parts(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(compaction, "_MOST_POINTS", 1000)
    for first in range(1, 5001, 500):
        _ = await append(bench.series, "r", a_batch(first, 500))
    commits: list[int] = []
    bench.connection.set_commit_hook(lambda: bool(commits.append(1)))

    await bench.series.finish("r")

    assert len(commits) == 5
    assert (await bench.counts())[0] == 0
    (loss,) = await bench.series.read("r", ["loss"])
    assert loss.step.tolist() == list(range(1, 5001))


async def test_a_run_deleted_while_it_is_packed_stays_deleted(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    _ = await append(bench.series, "r", a_batch(1, 100))
    packed = compaction._packed
    is_read, may_go_on = asyncio.Event(), asyncio.Event()
    loop = asyncio.get_running_loop()

    def held(tables: Tables, run: str) -> object:
        found = packed(tables, run)
        _ = loop.call_soon_threadsafe(is_read.set)
        asyncio.run_coroutine_threadsafe(may_go_on.wait(), loop).result(DEADLINE_S)
        return found

    monkeypatch.setattr(compaction, "_packed", held)
    packing = asyncio.create_task(bench.series.finish("r"))
    _ = await is_read.wait()
    await bench.series.delete("r")
    may_go_on.set()
    await packing

    assert await bench.counts() == (0, 0)
    assert await bench.series.info(["r"]) == {}


async def test_a_wide_run_costs_one_row_a_name_and_little_again(bench: Bench) -> None:
    names = tuple(f"layer{i}" for i in range(50))
    for part in range(20):
        step = np.arange(part * 100, part * 100 + 100)
        values = np.random.default_rng(part).normal(size=(50, 100))
        batch = MetricBatch(
            "w", part * 100 + 1, part * 100 + 100, (Block(names, step, step, values),)
        )
        _ = await bench.series.append("r", batch, encode_batch(batch))
        await bench.series.finish("r")

    rows = await bench.readers.fetch("SELECT count(*) FROM chunk GROUP BY series")

    assert len(rows) == 50
    assert {n for (n,) in rows} <= {1, 2, 3}
    slices = await bench.series.read("r", names)
    assert [each.step.tolist() for each in slices] == [list(range(2000))] * 50


async def test_the_file_shrinks_after_a_large_run_is_deleted(
    packings: Packings, bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(embedded, "_FREE_PAGES", 50)
    noise = np.random.default_rng(0).normal(size=200_000)
    for first in range(0, 200_000, 20_000):
        values = noise[first : first + 20_000]
        _ = await append(bench.series, "large", a_batch(first + 1, 20_000, values=values))
    ((before,),) = query(bench.connection, "PRAGMA page_count")
    shrunk = gave_back(bench, monkeypatch, "PRAGMA page_count", lambda pages: pages < before / 2)
    await bench.series.delete("large")

    async with asyncio.timeout(DEADLINE_S):
        _ = await shrunk.wait()


async def test_a_quiet_file_gives_back_all_that_packing_has_freed(
    packings: Packings, bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(compaction, "_QUIET_S", 0.0)
    _ = await append(bench.series, "r", a_batch(1, compaction.LOOSE_POINTS))
    assert await packings.next() == "r"

    emptied = gave_back(bench, monkeypatch, "PRAGMA freelist_count", lambda free: free == 0)

    async with asyncio.timeout(DEADLINE_S):
        _ = await emptied.wait()


def gave_back(
    bench: Bench, monkeypatch: pytest.MonkeyPatch, pragma: str, is_done: Callable[[int], bool]
) -> asyncio.Event:
    """Return an event that is set once `pragma` says so after pages were given back."""
    done = asyncio.Event()
    give_back = Compaction._give_back

    async def giving(compaction: Compaction) -> None:
        await give_back(compaction)
        ((told,),) = await bench.readers.fetch(pragma)
        if is_done(told):
            done.set()

    monkeypatch.setattr(Compaction, "_give_back", giving)
    return done
