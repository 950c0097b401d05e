"""Deleting a run moves it to the trash; there it can be restored, or ends for good in time."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import Any, Final

import msgspec
import structlog
from litestar import Request, delete, post
from litestar.handlers import BaseRouteHandler

from axonml.auth.permissions import check_write
from axonml.clock import now, now_ms
from axonml.http.caller import RUNS_WRITE, Caller, audited, caller_of
from axonml.ids import RunId
from axonml.live import Live
from axonml.storage.protocols import Documents, Series, Statement
from axonml.training.messages import status_message, status_topic
from axonml.training.store import RunStore
from axonml.training.types import Run

Call = Request[Any, Any, Any]
Purge = Callable[[RunId], Awaitable[None]]
_DAY_MS: Final = 86_400_000
_LOOK_EVERY_S: Final = 3600.0
_SLICE: Final = 100
_log: Final = structlog.stdlib.get_logger("axonml.training")


class Trash:
    """Owns what happens to deleted runs, and the task that purges them after `days`.

    `purges` free what other parts keep of a run; they run before its points and the run itself go.
    """

    def __init__(  # one argument for each dependency
        self,
        documents: Documents,
        store: RunStore,
        series: Series,
        live: Live,
        days: int,
        purges: Sequence[Purge] = (),
    ) -> None:
        self._documents: Final = documents
        self._store: Final = store
        self._series: Final = series
        self._live: Final = live
        self._days: Final = days
        self._purges: Final = purges
        self._task: asyncio.Task[None] | None = None

    def open(self) -> None:
        """Begin to purge, now and every hour; `close` ends it."""
        self._task = asyncio.create_task(self._look(), name="trash")

    async def close(self) -> None:
        """End the task; a run that is half purged is purged by the next one."""
        if self._task is not None:
            _ = self._task.cancel()
            _ = await asyncio.gather(self._task, return_exceptions=True)

    async def delete(self, caller: Caller, run_id: str) -> Run:
        """Move the run to the trash: it is seen nowhere else. A repeat changes nothing."""
        return await self._mark(caller, run_id, is_deleted=True)

    async def restore(self, caller: Caller, run_id: str) -> Run:
        """Take the run out of the trash, as it was. A repeat changes nothing."""
        return await self._mark(caller, run_id, is_deleted=False)

    async def purge(self, caller: Caller, run_id: str) -> None:
        """Delete a run for good, with its points and its log."""
        _ = await self._writable(caller, run_id)
        await self._end(RunId(run_id))

    async def purge_old(self) -> int:
        """Delete for good what lay in the trash for its days; return how many runs that were."""
        before = now_ms() - self._days * _DAY_MS
        n_runs = 0
        while rows := await self._documents.scan(
            Statement(
                "SELECT id FROM run_row WHERE deleted_at < $1 ORDER BY deleted_at LIMIT $2",
                (before, _SLICE),
            )
        ):
            for (run_id,) in rows:
                await self._end(RunId(run_id))
            n_runs += len(rows)
        return n_runs

    async def _end(self, run: RunId) -> None:
        # The run last: a crash in between leaves one that is purged again.
        for purge in self._purges:
            await purge(run)
        await self._series.delete(run)
        _ = await self._store.runs.delete(run)

    async def _mark(self, caller: Caller, run_id: str, *, is_deleted: bool) -> Run:
        _ = await self._writable(caller, run_id)

        def marked(run: Run) -> Run:
            if (run.deleted_at is not None) == is_deleted:
                return run
            return msgspec.structs.replace(
                run, deleted_at=now() if is_deleted else None, updated_at=now()
            )

        run = await self._store.runs.update(run_id, marked)
        self._live.publish(status_topic(run.id), 0, lambda: status_message(run))
        return run

    async def _writable(self, caller: Caller, run_id: str) -> Run:
        run = await self._store.runs.require(run_id)
        check_write(caller, run, "run")
        return run

    async def _look(self) -> None:
        while True:
            # A full disk today must not end the task: it is what a purge helps against.
            (done,) = await asyncio.gather(self.purge_old(), return_exceptions=True)
            if isinstance(done, BaseException):
                _log.warning("could not purge the trash", error=repr(done))
            elif done:
                _log.info("purged the trash", n_runs=done)
            await asyncio.sleep(_LOOK_EVERY_S)


class TrashRoutes:
    """HTTP of deleting and restoring one run."""

    def __init__(self, trash: Trash) -> None:
        self._trash: Final = trash

    async def delete_run(self, request: Call, run_id: str) -> None:
        """Move a run to the trash; it is purged with its points after `[training] trash_days`."""
        _ = await self._trash.delete(caller_of(request), run_id)

    async def restore_run(self, request: Call, run_id: str) -> Run:
        """Take a run out of the trash."""
        return await self._trash.restore(caller_of(request), run_id)

    def handlers(self) -> list[BaseRouteHandler]:
        """Return the route table."""
        kind: dict[str, Any] = {"tags": ["training"]}
        run = "/api/training/runs/{run_id:str}"
        return [
            delete(run, opt={**RUNS_WRITE, **audited("run_deleted")}, **kind)(self.delete_run),
            post(f"{run}/restore", opt=RUNS_WRITE, status_code=200, **kind)(self.restore_run),
        ]
