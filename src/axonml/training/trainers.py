"""GET /api/training/trainers: what can be launched without writing a script."""

import msgspec
from litestar import get
from litestar.handlers import BaseRouteHandler

from axonml.http.caller import READ
from axonml.trainers.catalogue import TrainerInfo, catalogue


class TrainerList(msgspec.Struct, frozen=True):
    """Every built-in trainer; one that is not `available` says what it `needs`."""

    items: list[TrainerInfo]


class TrainerRoutes:
    """The catalogue of built-in trainers."""

    async def list_trainers(self) -> TrainerList:
        """List the built-in trainers with their data sets and the JSON Schema of parameters."""
        return TrainerList(catalogue())

    def handlers(self) -> list[BaseRouteHandler]:
        """Return the routes."""
        return [get("/api/training/trainers", opt=READ, tags=["training"])(self.list_trainers)]
