"""One thread that writes: what queued while the last commit ran is the next transaction."""

import asyncio
import queue
import threading
from collections.abc import Callable
from typing import Any, Final, TypeVar

import apsw

from axonml.errors import AxonError, Conflict, StorageFull, TooMany

R = TypeVar("R")
Job = Callable[[apsw.Connection], Any]
_MAX_GROUP: Final = 512


class _Task:
    """A job, the future that waits for it, and what came of it."""

    def __init__(self, job: Job, future: "asyncio.Future[Any]") -> None:
        self.job: Final = job
        self.future: Final = future
        self.result: Any = None
        self.error: BaseException | None = None

    def resolve(self) -> None:
        """Hand the outcome to whoever waits, if anybody still does."""
        if self.future.cancelled():
            return
        if self.error is not None:
            self.future.set_exception(self.error)
        else:
            self.future.set_result(self.result)


class Writer:
    """Runs jobs in groups, one commit a group; a job returns once its commit is on disk.

    A job that breaks a constraint fails alone. A full disk fails the whole group, and nothing of
    it was acknowledged.
    """

    def __init__(self, connection: apsw.Connection, name: str, max_waiting: int = 10_000) -> None:
        self._connection: Final = connection
        self._queue: Final[queue.SimpleQueue[_Task | None]] = queue.SimpleQueue()
        self._max_waiting: Final = max_waiting
        self._waiting = 0
        self._thread: Final = threading.Thread(target=self._work, name=name, daemon=True)
        self._thread.start()

    async def run(self, job: Callable[[apsw.Connection], R]) -> R:
        """Run `job` inside a transaction; return its result once it is durable.

        Raises:
            TooMany: too many jobs wait already.
            Conflict: the job broke a uniqueness.
            StorageFull: the disk cannot take it.
        """
        if self._waiting >= self._max_waiting:
            raise TooMany("the store is busy; send again in a second", retry_after_s=1)
        task = _Task(job, asyncio.get_running_loop().create_future())
        self._waiting += 1
        try:
            self._queue.put(task)
            result: R = await task.future
            return result
        finally:
            self._waiting -= 1

    def close(self) -> None:
        """Write what is queued, then end the thread and close the file."""
        self._queue.put(None)
        self._thread.join()
        self._connection.close()

    def _work(self) -> None:
        is_open = True
        while is_open:
            group: list[_Task] = []
            task = self._queue.get()
            while task is not None:
                group.append(task)
                if len(group) >= _MAX_GROUP:
                    break
                try:
                    task = self._queue.get_nowait()
                except queue.Empty:
                    break
            else:
                is_open = False
            if group:
                self._commit(group)
                self._tell(group)

    def _commit(self, group: list[_Task]) -> None:
        try:
            _ = self._connection.execute("BEGIN IMMEDIATE")
            for task in group:
                self._attempt(task)
            _ = self._connection.execute("COMMIT")
        except apsw.Error as error:
            if self._connection.in_transaction:
                _ = self._connection.execute("ROLLBACK")
            failure = _translated(error)
            for task in group:
                task.error = failure

    def _attempt(self, task: _Task) -> None:
        _ = self._connection.execute("SAVEPOINT job")
        try:
            task.result = task.job(self._connection)
        except (apsw.ConstraintError, AxonError) as error:
            _ = self._connection.execute("ROLLBACK TO job")
            task.error = _translated(error)
        _ = self._connection.execute("RELEASE job")

    @staticmethod
    def _tell(group: list[_Task]) -> None:
        """Wake the loop once for the whole group."""
        loop = group[0].future.get_loop()

        def resolve() -> None:
            for task in group:
                task.resolve()

        if not loop.is_closed():
            _ = loop.call_soon_threadsafe(resolve)


def _translated(error: Exception) -> Exception:
    match error:
        case apsw.ConstraintError():
            return Conflict(f"this is taken already ({error})")
        case apsw.FullError() | apsw.IOError():
            return StorageFull(
                "the disk with the data folder is full or failing; free space and send again"
            )
        case _:
            return error
