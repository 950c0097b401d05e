"""Figures about the server, for admins."""

import asyncio
import sys
from pathlib import Path

import pytest
from dirty_equals import IsInt, IsNow, IsPartialDict, IsPositive, IsStr

from axonml.admin import stats
from axonml.admin.stats import Counts, Disk, SeriesTotals, StatsRoutes, measure
from axonml.config import Config
from axonml.storage.open import open_storage

pytestmark = pytest.mark.anyio


async def test_the_figures_are_those_of_the_parts(tmp_path: Path) -> None:
    async def users() -> int:
        return 3

    async def runs() -> dict[str, int]:
        return {"running": 1, "completed": 4}

    storage = await open_storage(Config(home=tmp_path))
    routes = StatsRoutes(tmp_path, storage.series, Counts(users, runs, lambda: 2))

    told = await routes.get_stats()
    await storage.close()

    assert (told.users, told.runs, told.sockets) == (3, {"running": 1, "completed": 4}, 2)
    assert told.series == SeriesTotals(0, 0, 0, told.series.size_bytes)
    assert told.series.size_bytes > 0
    assert told.started_at == IsNow(tz="UTC", delta=60)
    assert told.versions == IsPartialDict(
        {"axonml-dashboard": IsStr(), "python": sys.version.split()[0], "apsw": IsStr()}
    )
    assert told.disk.entries == IsPartialDict({"axon.db": IsInt(gt=0), "metrics.db": IsInt(gt=0)})
    assert told.disk.free_bytes == IsPositive


def test_the_folder_is_measured_to_the_byte_and_links_are_not_followed(tmp_path: Path) -> None:
    _ = (tmp_path / "axon.db").write_bytes(b"x" * 100)
    (tmp_path / "blobs" / "ab").mkdir(parents=True)
    _ = (tmp_path / "blobs" / "ab" / "cd").write_bytes(b"x" * 1000)
    link = tmp_path / "elsewhere"
    link.symlink_to("/usr")

    disk = measure(tmp_path)

    assert disk.entries == {"axon.db": 100, "blobs": 1000, "elsewhere": len("/usr")}
    assert disk.used_bytes == 1104
    assert disk.total_bytes > disk.free_bytes > 0


async def test_many_who_ask_at_once_walk_the_folder_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    walks: list[Path] = []

    def walk(home: Path) -> Disk:
        walks.append(home)
        return Disk(1, 2, 3, {})

    monkeypatch.setattr(stats, "measure", walk)
    storage = await open_storage(Config(home=tmp_path))

    async def none() -> int:
        return 0

    async def no_runs() -> dict[str, int]:
        return {}

    routes = StatsRoutes(tmp_path, storage.series, Counts(none, no_runs, int))
    _ = await asyncio.gather(*(routes.get_stats() for _ in range(5)))
    await storage.close()

    assert len(walks) == 1
