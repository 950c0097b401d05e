"""Old runs keep what their charts draw, every extreme, where their project says so."""

import asyncio
from datetime import timedelta
from typing import Any, Final

import msgspec
import structlog
from litestar import Request, post
from litestar.handlers import BaseRouteHandler

from axonml.clock import as_ms, now
from axonml.errors import Forbidden
from axonml.http.caller import RUNS_WRITE, Role, caller_of
from axonml.ids import RunId
from axonml.storage.protocols import Documents, Series, Statement
from axonml.training.projects import Projects
from axonml.training.store import RunStore
from axonml.training.trash import Trash
from axonml.training.types import Run

Call = Request[Any, Any, Any]
_LOOK_EVERY_S: Final = 3600.0
_SLICE: Final = 100
_log: Final = structlog.stdlib.get_logger("axonml.training")
_OLD: Final = (
    "SELECT r.id FROM run_row r JOIN axonml_runs d ON d.id = r.id"
    " WHERE r.project = $1 AND r.completed_at < $2"
    " AND coalesce(d.data ->> 'thinned_at', '') < (d.data ->> 'completed_at')"
    " ORDER BY r.id LIMIT $3"
)


class Pruned(msgspec.Struct, frozen=True):
    """What a pruning did: runs whose points were thinned, and runs that left the trash for good."""

    n_thinned: int
    n_purged: int


class Retention:
    """Thins the points of runs that ended longer ago than their project keeps every point."""

    def __init__(
        self, documents: Documents, store: RunStore, series: Series, projects: Projects
    ) -> None:
        self._documents: Final = documents
        self._store: Final = store
        self._series: Final = series
        self._projects: Final = projects
        self._pruning: Final = asyncio.Lock()
        self._task: asyncio.Task[None] | None = None

    def open(self) -> None:
        """Begin to thin, now and every hour; `close` ends it."""
        self._task = asyncio.create_task(self._look(), name="retention")

    async def close(self) -> None:
        """End the task; a run that is half thinned is thinned on by the next one."""
        if self._task is not None:
            _ = self._task.cancel()
            _ = await asyncio.gather(self._task, return_exceptions=True)

    async def thin_old(self) -> int:
        """Thin every run that is due; return how many that were."""
        async with self._pruning:
            kept = [each for each in await self._projects.settings.find() if each.retention_days]
            return sum([await self._thin(each.id, each.retention_days or 0) for each in kept])

    async def _thin(self, project: str, days: int) -> int:
        before, n_runs = as_ms(now() - timedelta(days=days)), 0
        while rows := await self._documents.scan(Statement(_OLD, (project, before, _SLICE))):
            for (run_id,) in rows:
                # Marked after the deed: a crash in between thins again, which changes nothing.
                _ = await self._series.thin(run_id)
                _ = await self._store.runs.update(RunId(run_id), _marked)
            n_runs += len(rows)
        return n_runs

    async def _look(self) -> None:
        while True:
            # A full disk today must not end the task.
            (done,) = await asyncio.gather(self.thin_old(), return_exceptions=True)
            if isinstance(done, BaseException):
                _log.warning("could not thin old runs", error=repr(done))
            elif done:
                _log.info("thinned old runs", n_runs=done)
            await asyncio.sleep(_LOOK_EVERY_S)


def _marked(run: Run) -> Run:
    return msgspec.structs.replace(run, thinned_at=now())


class RetentionRoutes:
    """HTTP of pruning."""

    def __init__(self, retention: Retention, trash: Trash) -> None:
        self._retention: Final = retention
        self._trash: Final = trash

    async def prune(self, request: Call) -> Pruned:
        """Do now what is done every hour: thin old runs, and purge the trash; for admins."""
        if caller_of(request).role is not Role.ADMIN:
            raise Forbidden("only an admin may prune all users' runs")
        return Pruned(await self._retention.thin_old(), await self._trash.purge_old())

    def handlers(self) -> list[BaseRouteHandler]:
        """Return the route table."""
        route = post("/api/training/prune", opt=RUNS_WRITE, tags=["training"], status_code=200)
        return [route(self.prune)]
