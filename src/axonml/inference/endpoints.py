"""The endpoints in memory: name -> live endpoint, the one look-up on the hot path."""

import asyncio
import itertools
from collections import deque
from typing import Final, Literal, assert_never

import msgspec

from axonml.auth.permissions import check_read
from axonml.clock import now
from axonml.errors import Conflict, NotFound, Unavailable
from axonml.http.caller import Caller
from axonml.inference.latency import Latency
from axonml.inference.outputs import Answer
from axonml.inference.payload import Inputs
from axonml.inference.rollout import LineUp, RolloutAtWork, Serving
from axonml.inference.types import Endpoint, EndpointStatus, ReplicaLogLine, ReplicaState

_LOG_LINES: Final = 200
# Replicas whose lines are kept, over all versions that an endpoint served.
_LOGS: Final = 64
Role = Literal["main", "canary", "shadow"]


class LiveEndpoint:
    """One endpoint: its stored record, what answers for it now, and its figures."""

    def __init__(self, record: Endpoint) -> None:
        self.record: Endpoint = record
        self.serving: Serving | None = None
        self.rollout: RolloutAtWork | None = None
        self.latency: Final = Latency()
        # Whoever starts, stops or changes the endpoint holds this meanwhile.
        self.turn: Final = asyncio.Lock()
        self.starting: asyncio.Task[Endpoint] | None = None
        self._logs: Final[dict[tuple[int, int], deque[ReplicaLogLine]]] = {}

    def log(self, version: int, replica: int, line: str) -> None:
        """Keep one line that a replica of a version wrote; its oldest goes."""
        lines = self._logs.setdefault((version, replica), deque(maxlen=_LOG_LINES))
        lines.append(ReplicaLogLine(now(), version, replica, line))
        while len(self._logs) > _LOGS:
            del self._logs[next(iter(self._logs))]

    def log_lines(self, version: int | None, replica: int | None) -> list[ReplicaLogLine]:
        """Return the kept lines, of one version or replica where named, oldest first."""
        kept = [
            lines
            for (of_version, of_replica), lines in self._logs.items()
            if version in (None, of_version) and replica in (None, of_replica)
        ]
        return sorted(itertools.chain.from_iterable(kept), key=lambda line: line.timestamp)

    def replicas(self) -> list[ReplicaState]:
        """Return every replica that runs for the endpoint, those of its version first."""
        if self.serving is None:
            return []
        sides: list[tuple[Role, Serving]] = [("main", self.serving)]
        if self.rollout is not None and self.rollout.canary is not None:
            sides.append(("canary", self.rollout.canary.serving))
        if self.rollout is not None and self.rollout.shadow is not None:
            sides.append(("shadow", self.rollout.shadow.serving))
        return [
            _replica_state(serving, role, number)
            for role, serving in sides
            for number in range(serving.replicas.count)
        ]

    @property
    def servings(self) -> list[Serving]:
        """Return every version's replicas that run for the endpoint."""
        if self.serving is None:
            return []
        return [self.serving, *(self.rollout.servings if self.rollout is not None else ())]

    def take(self, line_up: LineUp | None) -> list[Serving]:
        """Serve with `line_up` from now on; return the sets of replicas that this leaves idle."""
        before = self.servings
        self.serving = None if line_up is None else line_up.main
        self.rollout = None if line_up is None else line_up.rollout
        now_there = self.servings
        return [each for each in before if each not in now_there]

    async def ask(self, serving: Serving, inputs: Inputs) -> tuple[Answer, str]:
        """Return the answer, and the version that gave it: `serving`, or the canary's."""
        rollout = self.rollout
        if rollout is not None and rollout.main.serving is serving:
            return await rollout.ask(inputs)
        return await serving.batcher.submit(inputs), serving.version

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


def _replica_state(serving: Serving, role: Role, number: int) -> ReplicaState:
    replica = serving.replicas.running(number)
    return ReplicaState(
        version=int(serving.version[1:]),
        role=role,
        replica=number,
        status="restarting" if replica is None else "running",
        restarts=serving.replicas.restarts[number],
        pid=None if replica is None else replica.pid,
        load_ms=None if replica is None else round(replica.load_ms, 1),
        memory_bytes=None if replica is None else replica.memory_bytes(),
    )


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
