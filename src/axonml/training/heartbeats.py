"""Which scripts still speak: a run that nothing is heard of is lost, until it speaks again."""

import asyncio
from typing import Any, Final

import msgspec
import structlog
from litestar import Request, post
from litestar.handlers import BaseRouteHandler

from axonml.clock import monotonic, now
from axonml.errors import AxonError
from axonml.http.caller import RUNS_WRITE, UNMETERED, caller_of
from axonml.ids import RunId
from axonml.training.runs import Runs
from axonml.training.store import RunStore
from axonml.training.types import Run, RunStatus

Call = Request[Any, Any, Any]
_MOST_OFTEN_S: Final = 15.0
_SPEAKING: Final = (RunStatus.RUNNING, RunStatus.STOPPING)
_log: Final = structlog.stdlib.get_logger("axonml.training")


class Heartbeats:
    """Knows when each run was heard of last. The time that the server was away does not count."""

    def __init__(self, runs: Runs, store: RunStore, lost_after_s: float) -> None:
        self._runs: Final = runs
        self._store: Final = store
        self._lost_after_s: Final = lost_after_s
        self._began: Final = monotonic()
        self._heard: Final[dict[RunId, float]] = {}
        self._task: asyncio.Task[None] | None = None

    def open(self) -> None:
        """Begin to look for runs that are silent."""
        self._task = asyncio.create_task(self._look(), name="heartbeats")

    async def close(self) -> None:
        """End the look."""
        if self._task is not None:
            _ = self._task.cancel()
            _ = await asyncio.gather(self._task, return_exceptions=True)

    async def heard(self, run: Run) -> None:
        """Note that the run's script has spoken; a lost run goes on."""
        self._heard[run.id] = monotonic()
        if run.status is RunStatus.LOST and run.launch is None:
            _ = await self._runs.move(run.id, _back)

    async def _look(self) -> None:
        while True:
            await asyncio.sleep(min(_MOST_OFTEN_S, self._lost_after_s / 4))
            try:
                await self._find_lost()
            except AxonError as error:  # a full disk: it is tried again
                _log.warning("could not look for lost runs", error=repr(error))

    async def _find_lost(self) -> None:
        runs = [run for run in await self._store.of_status(*_SPEAKING) if run.launch is None]
        at = monotonic()
        for run in runs:
            if at - self._heard.get(run.id, self._began) > self._lost_after_s:
                _ = await self._runs.move(run.id, self._lost)
        going = {run.id for run in runs}
        for gone in [run for run in self._heard if run not in going]:
            del self._heard[gone]

    def _lost(self, run: Run) -> Run:
        if run.status not in _SPEAKING:
            return run
        reason = f"nothing was heard of its script for {self._lost_after_s:g} s"
        return msgspec.structs.replace(
            run, status=RunStatus.LOST, reason=reason, completed_at=now()
        )


def _back(run: Run) -> Run:
    if run.status is not RunStatus.LOST:
        return run
    status = RunStatus.STOPPING if run.stop_requested else RunStatus.RUNNING
    return msgspec.structs.replace(run, status=status, reason="", completed_at=None)


class HeartbeatRoutes:
    """HTTP of a script that has nothing to log."""

    def __init__(self, runs: Runs, heartbeats: Heartbeats) -> None:
        self._runs: Final = runs
        self._heartbeats: Final = heartbeats

    async def heartbeat(self, request: Call, run_id: str) -> None:
        """Say that the run's script is alive; needed only where it sends nothing else."""
        await self._heartbeats.heard(await self._runs.writable(caller_of(request), run_id))

    def handlers(self) -> list[BaseRouteHandler]:
        """Return the route table."""
        path = "/api/training/runs/{run_id:str}/heartbeat"
        opt = {**RUNS_WRITE, **UNMETERED}
        return [post(path, opt=opt, status_code=204, tags=["training"])(self.heartbeat)]
