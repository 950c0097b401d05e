"""The endpoints in memory: name -> live endpoint, the one look-up on the hot path."""

import asyncio
from collections import deque
from typing import Final, assert_never

import msgspec

from axonml.auth.permissions import check_read
from axonml.clock import now
from axonml.errors import Conflict, NotFound, Unavailable
from axonml.http.caller import Caller
from axonml.inference.batcher import Batcher
from axonml.inference.latency import Latency
from axonml.inference.payload import Payload
from axonml.inference.replicas import ReplicaSet
from axonml.inference.types import Endpoint, EndpointStatus, ReplicaLogLine

_LOG_LINES: Final = 200


class Serving(msgspec.Struct, frozen=True, eq=False):
    """What answers now: one version's payload, queue and replicas. Swapped as one reference."""

    version: str
    payload: Payload
    batcher: Batcher
    replicas: ReplicaSet


class LiveEndpoint:
    """One endpoint: its stored record, what answers for it now, and its figures."""

    def __init__(self, record: Endpoint) -> None:
        self.record: Endpoint = record
        self.serving: Serving | None = None
        self.latency: Final = Latency()
        # Whoever starts, stops or changes the endpoint holds this meanwhile.
        self.turn: Final = asyncio.Lock()
        self.starting: asyncio.Task[Endpoint] | None = None
        self._log: Final[deque[ReplicaLogLine]] = deque(maxlen=_LOG_LINES)

    def log(self, replica: int, line: str) -> None:
        """Keep one line that a replica wrote; the oldest goes."""
        self._log.append(ReplicaLogLine(now(), replica, line))

    def log_lines(self) -> list[ReplicaLogLine]:
        """Return the kept lines, oldest first."""
        return list(self._log)

    def shown(self) -> Endpoint:
        """Return the record with the figures of the last ten seconds."""
        if self.serving is None:
            return self.record
        stats = self.latency.stats(self.serving.batcher.queued_rows)
        return msgspec.structs.replace(self.record, stats=stats)

    def require_serving(self) -> Serving:
        """Return what answers now.

        Raises:
            Conflict: the endpoint is stopped.
            Unavailable: it is starting or draining, or it failed.
        """
        if self.serving is not None:
            return self.serving
        name, reason = self.record.name, self.record.reason
        status = self.record.status
        match status:
            case EndpointStatus.STOPPED:
                raise Conflict(
                    f"endpoint {name} is stopped; start it with"
                    f" POST /api/inference/endpoints/{self.record.id}/start",
                    code="endpoint_stopped",
                )
            case EndpointStatus.FAILED:
                raise Unavailable(f"endpoint {name} failed: {reason}", code="endpoint_failed")
            case EndpointStatus.STARTING | EndpointStatus.RUNNING:
                raise Unavailable(
                    f"endpoint {name} is starting; try again in a moment",
                    code="endpoint_starting",
                    retry_after_s=1,
                )
            case EndpointStatus.DRAINING:
                raise Unavailable(
                    f"endpoint {name} is being stopped", code="endpoint_draining", retry_after_s=1
                )
            case _:
                assert_never(status)


class Endpoints:
    """Every endpoint of this server, by name and by id."""

    def __init__(self) -> None:
        self._by_name: Final[dict[str, LiveEndpoint]] = {}
        self._by_id: Final[dict[str, LiveEndpoint]] = {}

    def every(self) -> list[LiveEndpoint]:
        """Return all endpoints, oldest first."""
        return list(self._by_id.values())

    def add(self, live: LiveEndpoint) -> None:
        """Make the endpoint known under its name and id."""
        self._by_name[live.record.name] = live
        self._by_id[live.record.id] = live

    def remove(self, live: LiveEndpoint) -> None:
        """Forget the endpoint."""
        _ = self._by_name.pop(live.record.name, None)
        _ = self._by_id.pop(live.record.id, None)

    def renamed(self, live: LiveEndpoint, old: str) -> None:
        """Follow a change of name."""
        if self._by_name.get(old) is live:
            del self._by_name[old]
        self._by_name[live.record.name] = live

    def named(self, name: str) -> LiveEndpoint | None:
        """Return the endpoint of that name, whoever asks."""
        return self._by_name.get(name)

    def callable_by(self, caller: Caller, name: str) -> LiveEndpoint:
        """Return the endpoint of that name, if the caller may know of it."""
        live = self._by_name.get(name)
        if live is not None:
            try:
                check_read(caller, live.record, "endpoint")
            except NotFound:
                # As if there were none: the error of the check tells its id.
                live = None
        if live is None:
            raise NotFound(f"there is no endpoint {name[:128]!r}", code="endpoint_not_found")
        return live

    def readable(self, caller: Caller, endpoint_id: str) -> LiveEndpoint:
        """Return the endpoint of that id, if the caller may read it."""
        live = self._by_id.get(endpoint_id)
        if live is None:
            raise NotFound(f"there is no endpoint {endpoint_id[:64]}", code="endpoint_not_found")
        check_read(caller, live.record, "endpoint")
        return live
