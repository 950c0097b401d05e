"""Whether the server lives, is ready, and how much it did."""

from collections.abc import Awaitable, Callable, Sequence
from typing import Any, Final

import msgspec
from litestar import Request, Response, get
from litestar.handlers import BaseRouteHandler
from prometheus_client import CONTENT_TYPE_LATEST

from axonml.errors import Unavailable
from axonml.http.caller import PUBLIC, READ, UNMETERED, Caller, caller_of
from axonml.http.observe import RequestMetrics


class Health(msgspec.Struct, frozen=True):
    """`{"status": "ok"}`: the server lives, or is ready."""

    status: str = "ok"


class HealthRoutes:
    """/health/live, /health/ready and /metrics.

    `ready` returns what the server still waits for, or nothing when it takes requests. `parts` add
    what the caller may see of them to the server's own metrics.
    """

    def __init__(
        self,
        metrics: RequestMetrics,
        ready: Callable[[], Awaitable[str]],
        parts: Sequence[Callable[[Caller], bytes]] = (),
    ) -> None:
        self._metrics: Final = metrics
        self._ready: Final = ready
        self._parts: Final = parts

    async def live(self) -> Health:
        """Tell that the process answers."""
        return Health()

    async def ready(self) -> Health:
        """Tell that requests can be served; 503 with the reason where they cannot."""
        if missing := await self._ready():
            raise Unavailable(missing, code="not_ready", retry_after_s=1)
        return Health()

    async def prometheus(self, request: Request[Any, Any, Any]) -> Response[bytes]:
        """Return the server's own metrics, and those of its endpoints, as Prometheus text."""
        caller = caller_of(request)
        text = b"".join([self._metrics.render(), *(part(caller) for part in self._parts)])
        return Response(text, media_type=CONTENT_TYPE_LATEST)

    def handlers(self) -> list[BaseRouteHandler]:
        """Return the route table."""
        kind: dict[str, Any] = {"tags": ["server"]}
        return [
            get("/health/live", opt=PUBLIC | UNMETERED, **kind)(self.live),
            get("/health/ready", opt=PUBLIC | UNMETERED, **kind)(self.ready),
            get("/metrics", opt=READ, **kind)(self.prometheus),
        ]
