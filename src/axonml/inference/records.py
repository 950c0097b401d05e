"""The stored records of endpoints: written first, then shown in memory and to watchers."""

import asyncio
from typing import Any, Final

import msgspec
import structlog

from axonml.clock import now, now_ms
from axonml.errors import Conflict
from axonml.inference.endpoints import Endpoints, LiveEndpoint
from axonml.inference.store import EndpointStore
from axonml.inference.tasks import Tasks
from axonml.inference.types import Endpoint, EndpointStatus
from axonml.live import Live

_log: Final = structlog.stdlib.get_logger("axonml.inference")


class Records:
    """Keeps store, memory and watchers of `endpoint:{id}` on the same record."""

    def __init__(
        self, store: EndpointStore, endpoints: Endpoints, live: Live, tasks: Tasks
    ) -> None:
        self._store: Final = store
        self._endpoints: Final = endpoints
        self._live: Final = live
        self._tasks: Final = tasks
        self._seq = 0

    async def add(self, record: Endpoint) -> LiveEndpoint:
        """Store a new record; `Conflict` where its name is taken."""
        try:
            await self._store.endpoints.insert(record)
        except Conflict:
            raise name_taken(record.name) from None
        live = LiveEndpoint(record)
        self._endpoints.add(live)
        return live

    async def remove(self, live: LiveEndpoint) -> None:
        """Delete the record."""
        _ = await self._store.endpoints.delete(live.record.id)
        self._endpoints.remove(live)

    async def become(
        self, live: LiveEndpoint, status: EndpointStatus, reason: str = ""
    ) -> Endpoint:
        """Store a new state; a repeat changes nothing."""
        if (live.record.status, live.record.reason) == (status, reason):
            return live.record
        _log.info(
            "an endpoint changes state", endpoint=live.record.id, status=status, reason=reason
        )
        return await self.write(live, {"status": status, "reason": reason})

    async def write(self, live: LiveEndpoint, fields: dict[str, Any]) -> Endpoint:
        """Store `fields` of the record, then show them; a cancelled caller still does both."""
        writing = self._tasks.begin(self._write(live, fields), f"write {live.record.name}")
        try:
            return await asyncio.shield(writing)
        except asyncio.CancelledError:
            # Whoever comes next must find in memory what is in the store.
            _ = await asyncio.wait({writing})
            raise

    async def _write(self, live: LiveEndpoint, fields: dict[str, Any]) -> Endpoint:
        old = live.record.name
        try:
            live.record = await self._store.endpoints.update(
                live.record.id,
                lambda record: msgspec.structs.replace(record, **fields, updated_at=now()),
            )
        except Conflict:
            raise name_taken(str(fields.get("name", old))) from None
        if live.record.name != old:
            self._endpoints.renamed(live, old)
        # Rises over restarts too, so that a watcher that comes back is not behind.
        self._seq = max(self._seq + 1, now_ms())
        self._live.publish(
            f"endpoint:{live.record.id}", self._seq, lambda: msgspec.json.encode(live.record)
        )
        return live.record


def name_taken(name: str) -> Conflict:
    """Return the error of a name that another endpoint has."""
    return Conflict(
        f"the name {name} belongs to another endpoint; choose another name",
        code="endpoint_exists",
    )
