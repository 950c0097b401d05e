"""HTTP of what this server may start."""

from typing import Final

import msgspec
from litestar import get
from litestar.handlers import BaseRouteHandler

from axonml.http.caller import READ
from axonml.training.launches import Launches


class Entrypoint(msgspec.Struct, frozen=True):
    """A command of the configuration, by its name."""

    name: str


class EntrypointList(msgspec.Struct, frozen=True):
    """The commands that `[launch] entrypoints` names."""

    items: list[Entrypoint]


class LaunchRoutes:
    """The commands that may be started; `POST /api/training/runs` starts one."""

    def __init__(self, launches: Launches) -> None:
        self._launches: Final = launches

    async def list_entrypoints(self) -> EntrypointList:
        """List the scripts that may be launched."""
        return EntrypointList([Entrypoint(name) for name in self._launches.entrypoints()])

    def handlers(self) -> list[BaseRouteHandler]:
        """Return the route table."""
        path = "/api/training/entrypoints"
        return [get(path, opt=READ, tags=["training"])(self.list_entrypoints)]
