"""What the store of points asks of an engine: its tables, in one snapshot or one transaction."""

from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractAsyncContextManager
from typing import Protocol, TypeVar

from axonml.columns import MetricBatch
from axonml.storage.protocols import Appended, Row

R = TypeVar("R")


class Tables(Protocol):
    """The tables `run`, `writer`, `series`, `batch`, `chunk` and `log`, for SQL of both engines.

    Used on a thread of the engine's, never in the event loop.
    """

    def query(self, sql: str, *parameters: object) -> list[Row]:
        """Run one statement and return its rows."""
        ...

    def query_each(self, sql: str, rows: Iterable[Row]) -> None:
        """Run one statement for each row of parameters."""
        ...

    def stream(self, sql: str, *parameters: object) -> Iterator[Row]:
        """Return the rows of one SELECT as they are wanted: all of them may not fit in memory."""
        ...


class Engine(Protocol):
    """An engine under `PackedSeries`: how its tables are read and written."""

    async def fetch(self, sql: str, *parameters: object) -> list[Row]:
        """Return the rows of one short SELECT."""
        ...

    async def read(self, job: Callable[[Tables], R]) -> R:
        """Return what `job` returns; all that it reads is of one moment."""
        ...

    async def write(self, run: str, job: Callable[[Tables], R], size_bytes: int = 0) -> R:
        """Run `job` in a transaction and return its result once that is durable.

        No two jobs of one run run at once, on whatever server.
        """
        ...

    def packing(self, run: str) -> AbstractAsyncContextManager[bool]:
        """Give True to one body at a time for each run, on whatever server; False to others."""
        ...

    async def append(self, run: str, batch: MetricBatch, frame: bytes) -> Appended:
        """Store a batch with its summaries exactly once; see `Series.append`."""
        ...

    async def size_bytes(self) -> int:
        """Return what the tables take on disk."""
        ...

    async def give_back(self, *, is_quiet: bool) -> None:
        """Give a part of what is free back to the disk, more where nothing else goes on."""
        ...
