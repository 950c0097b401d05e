"""HTTP of what this server may start."""

from typing import Any, Final

import msgspec
from litestar import Request, get, post
from litestar.handlers import BaseRouteHandler

from axonml.http.caller import READ, RUNS_WRITE, caller_of
from axonml.http.own_run import NOT_FOR_JOBS
from axonml.training.launchable import Launchable
from axonml.training.launches import Launches
from axonml.training.rerun import Rerun
from axonml.training.types import Run

Call = Request[Any, Any, Any]
_LAUNCH: Final = {**RUNS_WRITE, **NOT_FOR_JOBS}


class Entrypoint(msgspec.Struct, frozen=True):
    """A command of the configuration, by its name."""

    name: str


class EntrypointList(msgspec.Struct, frozen=True):
    """The commands that `[launch] entrypoints` names."""

    items: list[Entrypoint]


class LaunchRoutes:
    """What may be launched, and launched again; `POST /api/training/runs` starts it."""

    def __init__(self, launches: Launches, launchable: Launchable) -> None:
        self._launches: Final = launches
        self._launchable: Final = launchable

    async def list_entrypoints(self) -> EntrypointList:
        """List the scripts that may be launched."""
        return EntrypointList([Entrypoint(name) for name in self._launchable.names()])

    async def relaunch_run(self, request: Call, run_id: str) -> Run:
        """Start a launched run's training again, as its next attempt, from its checkpoints."""
        return await self._launches.relaunch(caller_of(request), run_id)

    async def rerun_run(self, request: Call, run_id: str, data: Rerun) -> Run:
        """Launch what a run was launched with once more, as a new run, with changes if you like."""
        return await self._launches.rerun(caller_of(request), run_id, data)

    def handlers(self) -> list[BaseRouteHandler]:
        """Return the route table."""
        kind: dict[str, Any] = {"tags": ["training"]}
        run = "/api/training/runs/{run_id:str}"
        return [
            get("/api/training/entrypoints", opt=READ, **kind)(self.list_entrypoints),
            post(f"{run}/relaunch", opt=_LAUNCH, status_code=200, **kind)(self.relaunch_run),
            post(f"{run}/rerun", opt=_LAUNCH, **kind)(self.rerun_run),
        ]
