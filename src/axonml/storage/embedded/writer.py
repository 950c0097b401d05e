"""One thread that writes: what queued while the last commit ran is the next transaction."""

import asyncio
import queue
import threading
from collections.abc import Callable
from contextlib import suppress
from types import TracebackType
from typing import Any, Final, TypeVar

import apsw

from axonml.clock import monotonic
from axonml.errors import Conflict, StorageFull, TooMany, Unavailable

R = TypeVar("R")
Job = Callable[[apsw.Connection], Any]
_MAX_GROUP: Final = 512
# A group closes after this long, so that its first job does not wait for all that came after it.
_MAX_GROUP_S: Final = 0.05


class _Task:
    """A job, the future that waits for it, and what came of it.

    As a context it keeps what its body raises for whoever waits, so that nothing a job does can
    end the writer's thread.
    """

    def __init__(self, job: Job, future: "asyncio.Future[Any]", size_bytes: int) -> None:
        self.job: Final = job
        self.future: Final = future
        self.size_bytes: Final = size_bytes
        self.result: Any = None
        self.error: BaseException | None = None

    def __enter__(self) -> None:
        self.error = None

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> bool:
        self.error = error
        return isinstance(error, Exception)

    def resolve(self) -> None:
        """Hand the outcome to whoever waits, if anybody still does."""
        if self.future.done():
            return
        if self.error is not None:
            self.future.set_exception(_translated(self.error))
        else:
            self.future.set_result(self.result)


class Writer:
    """Runs jobs in groups, one commit a group; a job returns once its commit is on disk.

    A job that breaks a constraint, or has an error of its own, fails alone. A full disk fails the
    whole group, and nothing of it was acknowledged. It owns the connection.
    """

    def __init__(
        self,
        connection: apsw.Connection,
        name: str,
        max_waiting: int = 10_000,
        max_bytes: int = 256 << 20,
    ) -> None:
        self._connection: Final = connection
        self._queue: Final[queue.SimpleQueue[_Task | None]] = queue.SimpleQueue()
        self._max_waiting: Final = max_waiting
        self._max_bytes: Final = max_bytes
        self._waiting = 0
        self._waiting_bytes = 0
        self._is_closed = False
        self._thread: Final = threading.Thread(target=self._work, name=name, daemon=True)
        self._thread.start()

    async def run(self, job: Callable[[apsw.Connection], R], size_bytes: int = 0) -> R:
        """Run `job` inside a transaction; return its result once it is durable.

        A caller that stops waiting does not stop the job. `size_bytes` is what the job holds in
        memory until then.

        Raises:
            TooMany: too many jobs wait already.
            Conflict: the job broke a uniqueness.
            StorageFull: the disk cannot take it.
        """
        if self._is_closed:
            raise Unavailable("the store is closing; send again in a moment", retry_after_s=1)
        if self._waiting >= self._max_waiting or self._waiting_bytes > self._max_bytes:
            raise TooMany("the store is busy; send again in a second", retry_after_s=1)
        task = _Task(job, asyncio.get_running_loop().create_future(), size_bytes)
        self._waiting += 1
        self._waiting_bytes += size_bytes
        self._queue.put(task)
        result: R = await task.future
        return result

    async def close(self) -> None:
        """Write what is queued, then end the thread and close the file."""
        self._is_closed = True
        self._queue.put(None)
        await asyncio.to_thread(self._thread.join)
        self._connection.close()

    def _work(self) -> None:
        while (task := self._queue.get()) is not None:
            group = [task]
            try:
                self._commit(group)
            except apsw.Error as error:
                for failed in group:
                    failed.error = error
                if self._connection.in_transaction:
                    with suppress(apsw.Error):  # then the next BEGIN says what is wrong
                        _ = self._connection.execute("ROLLBACK")
            self._tell(group)

    def _commit(self, group: list[_Task]) -> None:
        """Run the group's one task, then whatever else is queued by then, and commit them all."""
        _ = self._connection.execute("BEGIN IMMEDIATE")
        self._attempt(group[0])
        until = monotonic() + _MAX_GROUP_S
        while len(group) < _MAX_GROUP and monotonic() < until:
            try:
                task = self._queue.get_nowait()
            except queue.Empty:
                break
            if task is None:  # the end: `_work` finds it once this group is done
                self._queue.put(None)
                break
            group.append(task)
            self._attempt(task)
        _ = self._connection.execute("COMMIT")

    def _attempt(self, task: _Task) -> None:
        _ = self._connection.execute("SAVEPOINT job")
        with task:
            task.result = task.job(self._connection)
        if isinstance(task.error, apsw.FullError | apsw.IOError):
            raise task.error  # SQLite may have rolled back the whole transaction
        if task.error is not None:
            _ = self._connection.execute("ROLLBACK TO job")
        _ = self._connection.execute("RELEASE job")

    def _tell(self, group: list[_Task]) -> None:
        """Wake the loop once for the whole group."""
        loop = group[0].future.get_loop()

        def resolve() -> None:
            self._waiting -= len(group)
            self._waiting_bytes -= sum(task.size_bytes for task in group)
            for task in group:
                task.resolve()

        if not loop.is_closed():
            _ = loop.call_soon_threadsafe(resolve)


def _translated(error: BaseException) -> BaseException:
    match error:
        case apsw.ConstraintError():
            return Conflict(f"this is taken already ({error})")
        case apsw.FullError() | apsw.IOError():
            return StorageFull(
                "the disk with the data folder is full or failing; free space and send again"
            )
        case apsw.BusyError():
            return Unavailable(
                "another program holds the database; send again in a moment", retry_after_s=1
            )
        case _:
            return error
