"""Reads of one file: short ones at once in the event loop, long ones on threads of their own."""

import asyncio
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Final, TypeVar

import apsw

from axonml.clock import monotonic
from axonml.storage.embedded.database import connect, query
from axonml.storage.protocols import Row

R = TypeVar("R")
_THREADS: Final = 4  # one may pack and one search a log while charts are read
# A read in the loop that takes longer is given up and begun again on a thread.
_PATIENCE_S: Final = 0.002
_LOOK_EVERY_STEPS: Final = 2000  # of SQLite's machine: about 0.1 ms


class Readers:
    """Owns the reading connections of one file: the loop's, and one for each thread.

    A SELECT may name the tables of the file `beside` it as well.
    """

    def __init__(self, path: Path, durability: str, beside: Path | None = None) -> None:
        self._path: Final = path
        self._beside: Final = beside
        self._durability: Final = durability
        self._threads: Final = ThreadPoolExecutor(_THREADS, f"{path.stem}-reader")
        self._local: Final = threading.local()
        self._until = 0.0
        self._in_loop: Final = connect(path, durability, read_only=True, beside=beside)
        self._in_loop.set_progress_handler(self._is_too_long, _LOOK_EVERY_STEPS)
        self._connections: Final = [self._in_loop]

    async def fetch(self, sql: str, *parameters: object) -> list[Row]:
        """Return the rows of one SELECT: a point read costs 5-20 us, any thread hop 150-400 us."""
        self._until = monotonic() + _PATIENCE_S
        try:
            return query(self._in_loop, sql, *parameters)
        except apsw.InterruptError:
            return await self.run(lambda connection: query(connection, sql, *parameters))

    async def run(self, read: Callable[[apsw.Connection], R]) -> R:
        """Return what `read` returns on a thread's connection."""

        def call() -> R:
            connection: apsw.Connection | None = getattr(self._local, "connection", None)
            if connection is None:
                connection = connect(
                    self._path, self._durability, read_only=True, beside=self._beside
                )
                self._connections.append(connection)
                self._local.connection = connection
            return read(connection)

        return await asyncio.get_running_loop().run_in_executor(self._threads, call)

    async def close(self) -> None:
        """Wait for the reads that run, then close the connections."""
        await asyncio.to_thread(self._threads.shutdown)
        for connection in self._connections:
            connection.close()

    def _is_too_long(self) -> bool:
        return monotonic() > self._until
