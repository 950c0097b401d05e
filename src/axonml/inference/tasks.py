"""Background work that outlives the request that began it, and its end."""

import asyncio
from collections.abc import Coroutine
from typing import Any, Final, TypeVar

import structlog

from axonml.errors import AxonError

T = TypeVar("T")
_log: Final = structlog.stdlib.get_logger("axonml.inference")


class Tasks:
    """Owns tasks until they end; the server's close cuts short those that may be."""

    def __init__(self) -> None:
        self._brief: Final[set[asyncio.Task[Any]]] = set()
        self._lasting: Final[set[asyncio.Task[Any]]] = set()

    def begin(
        self, work: Coroutine[Any, Any, T], name: str, *, interruptible: bool = False
    ) -> asyncio.Task[T]:
        """Run `work`; an interruptible one ends at once when the server closes."""
        task = asyncio.create_task(work, name=name)
        owned = self._lasting if interruptible else self._brief
        owned.add(task)
        task.add_done_callback(owned.discard)
        task.add_done_callback(_report)
        return task

    async def interrupt(self) -> None:
        """End every interruptible task."""
        tasks = list(self._lasting)
        for task in tasks:
            _ = task.cancel()
        _ = await asyncio.gather(*tasks, return_exceptions=True)

    async def finish(self, timeout_s: float) -> None:
        """Wait for every task, at most `timeout_s`, then end what is left."""
        if self._brief:
            _ = await asyncio.wait(self._brief, timeout=timeout_s)
        left = [*self._brief, *self._lasting]
        for task in left:
            _ = task.cancel()
        _ = await asyncio.gather(*left, return_exceptions=True)


def _report(task: asyncio.Task[Any]) -> None:
    """Log what nobody foresaw; an `AxonError` is for whoever waits, if anybody does."""
    error = None if task.cancelled() else task.exception()
    if error is not None and not isinstance(error, AxonError):
        _log.error("a background task failed", task=task.get_name(), exc_info=error)
