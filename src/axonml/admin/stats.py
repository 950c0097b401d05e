"""What this server holds and uses, in figures."""

import asyncio
import os
import platform
import shutil
from collections.abc import Awaitable, Callable
from datetime import datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any, Final

import msgspec
from litestar import get
from litestar.handlers import BaseRouteHandler

from axonml import clock
from axonml.http.caller import ADMIN
from axonml.storage.protocols import Series

_PARTS: Final = (
    "axonml-dashboard",
    "apsw",
    "granian",
    "litestar",
    "msgspec",
    "numpy",
    "onnxruntime",
    "pcodec",
)
_DISK_FRESH_S: Final = 10.0


class Disk(msgspec.Struct, frozen=True):
    """The data folder: bytes of each of its entries, and what its disk has left."""

    used_bytes: int
    free_bytes: int
    total_bytes: int
    entries: dict[str, int]


class SeriesTotals(msgspec.Struct, frozen=True):
    """Everything that was logged, over all runs and endpoints."""

    n_points: int
    n_series: int
    n_runs: int
    size_bytes: int


class Stats(msgspec.Struct, frozen=True, kw_only=True):
    """GET /api/admin/stats. `runs` counts by status."""

    users: int
    runs: dict[str, int]
    series: SeriesTotals
    sockets: int
    disk: Disk
    versions: dict[str, str]
    started_at: datetime


class Counts(msgspec.Struct, frozen=True):
    """Where the figures of the slices come from."""

    users: Callable[[], Awaitable[int]]
    runs: Callable[[], Awaitable[dict[str, int]]]
    sockets: Callable[[], int]


class StatsRoutes:
    """/api/admin/stats."""

    def __init__(self, home: Path, series: Series, counts: Counts) -> None:
        self._home: Final = home
        self._series: Final = series
        self._counts: Final = counts
        self._started_at: Final = clock.now()
        self._versions: Final = {part: version(part) for part in _PARTS} | {
            "python": platform.python_version()
        }
        self._measuring: Final = asyncio.Lock()
        self._disk: tuple[float, Disk] | None = None

    async def get_stats(self) -> Stats:
        """Return what the server holds and uses."""
        return Stats(
            users=await self._counts.users(),
            runs=await self._counts.runs(),
            series=msgspec.convert(await self._series.totals(), SeriesTotals),
            sockets=self._counts.sockets(),
            disk=await self._measured(),
            versions=self._versions,
            started_at=self._started_at,
        )

    async def _measured(self) -> Disk:
        """Return the use of the disk, at most 10 s old: a walk over all files is not free."""
        async with self._measuring:
            at = clock.monotonic()
            if self._disk is None or at - self._disk[0] >= _DISK_FRESH_S:
                self._disk = (at, await asyncio.to_thread(measure, self._home))
            return self._disk[1]

    def handlers(self) -> list[BaseRouteHandler]:
        """Return the route table."""
        kind: dict[str, Any] = {"tags": ["admin"]}
        return [get("/api/admin/stats", opt=ADMIN, **kind)(self.get_stats)]


def measure(home: Path) -> Disk:
    """Return the use of a folder, by walking it; what vanishes meanwhile does not count."""
    entries: dict[str, int] = {}
    with os.scandir(home) as found:
        for entry in found:
            is_folder = entry.is_dir(follow_symlinks=False)
            entries[entry.name] = _bytes_in(entry.path) if is_folder else _bytes_of(entry.path)
    usage = shutil.disk_usage(home)
    return Disk(sum(entries.values()), usage.free, usage.total, dict(sorted(entries.items())))


def _bytes_in(folder: str) -> int:
    return sum(
        _bytes_of(f"{where}/{name}") for where, _, names in os.walk(folder) for name in names
    )


def _bytes_of(path: str) -> int:
    try:
        return os.lstat(path).st_size
    except OSError:
        return 0
