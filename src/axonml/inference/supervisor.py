"""Endpoints as a state machine: create, start, swap, stop, fail, delete; and come back.

stopped -> starting -> running -> draining -> stopped | failed. A state is stored before what it
names begins, so a crash of the server shows the truth. What was running when the server ended is
started again by the next one.
"""

import asyncio
from collections.abc import Coroutine
from functools import partial
from typing import Any, Final, TypeVar

import msgspec
import structlog
from msgspec import UNSET

from axonml.auth.permissions import check_write
from axonml.clock import now
from axonml.errors import AxonError, Conflict, Forbidden, Unavailable
from axonml.http.caller import Caller, Role
from axonml.ids import EndpointId, UserId, new_id
from axonml.inference.batcher import Batcher
from axonml.inference.endpoints import Endpoints, LiveEndpoint, Serving
from axonml.inference.engines.engine import Engine, Work
from axonml.inference.payload import Payload
from axonml.inference.records import Records, name_taken
from axonml.inference.replicas import ReplicaSet
from axonml.inference.store import EndpointStore
from axonml.inference.tasks import Tasks
from axonml.inference.types import (
    Deploy,
    Endpoint,
    EndpointChange,
    EndpointConfig,
    EndpointStatus,
    NewEndpoint,
    Visibility,
)
from axonml.inference.versions import Versions, fields_of
from axonml.live import Live
from axonml.registry.types import Model, ModelVersion

T = TypeVar("T")
_DRAIN_S: Final = 10.0
# How many endpoints load at once when the server comes back.
_PARALLEL: Final = 2
_UP: Final = (EndpointStatus.STARTING, EndpointStatus.RUNNING)
_SERVER: Final = Caller(user_id=UserId("server"), email="", role=Role.ADMIN)
_log: Final = structlog.stdlib.get_logger("axonml.inference")


class Supervisor:
    """Owns every endpoint's life; changes of one take turns, those of others do not wait."""

    def __init__(
        self,
        store: EndpointStore,
        versions: Versions,
        endpoints: Endpoints,
        engine: Engine,
        live: Live,
        *,
        max_endpoints: int,
        load_timeout_s: float,
    ) -> None:
        self._store: Final = store
        self._versions: Final = versions
        self._endpoints: Final = endpoints
        self._engine: Final = engine
        self._max_endpoints: Final = max_endpoints
        self._load_timeout_s: Final = load_timeout_s
        self._tasks: Final = Tasks()
        self._records: Final = Records(store, endpoints, live, self._tasks)
        self._loading: Final = asyncio.Semaphore(_PARALLEL)
        self._is_closing = False

    # ------------------------------------------------------------------ the server's life

    async def open(self) -> None:
        """Read every endpoint and start again, in the background, what was running."""
        for record in await self._store.every():
            live = LiveEndpoint(record)
            self._endpoints.add(live)
            if record.status in _UP:
                resuming = self._resume(live)
                _ = self._tasks.begin(resuming, f"resume {record.name}", interruptible=True)
            elif record.status is EndpointStatus.DRAINING:
                await self._records.become(live, EndpointStatus.STOPPED)

    async def close(self) -> None:
        """Answer what is queued, then end every replica; what is running stays so in the store."""
        self._is_closing = True
        # First, so that nothing begins to serve any more.
        await self._tasks.interrupt()
        drains: list[Coroutine[Any, Any, None]] = []
        for live in self._endpoints.every():
            if live.serving is not None:
                drains.append(live.serving.replicas.drain(_DRAIN_S))
                live.serving = None
                live.record = msgspec.structs.replace(live.record, status=EndpointStatus.DRAINING)
        _ = await asyncio.gather(*drains, self._tasks.finish(_DRAIN_S))

    async def _resume(self, live: LiveEndpoint) -> None:
        async with self._loading:
            try:
                _ = await self._up(live)
            except AxonError as error:
                _log.warning(
                    "an endpoint did not come back", endpoint=live.record.id, reason=error.detail
                )

    # ------------------------------------------------------------------ what callers ask for

    async def create(self, caller: Caller, new: NewEndpoint) -> Endpoint:
        """Store a stopped endpoint; `Conflict` where the name is taken."""
        model, version = await self._versions.version_by_id(caller, new.model_version_id)
        live = await self._add(
            caller, new.name, model, version, new.replicas, new.config, new.visibility
        )
        return live.record

    async def change(self, caller: Caller, endpoint_id: str, change: EndpointChange) -> Endpoint:
        """Change what `change` names; a running endpoint answers all the while.

        Raises:
            StartFailed: the new version or configuration does not start; the old one stays.
        """
        live = self._writable(caller, endpoint_id)
        fields = {
            name: value
            for name in change.__struct_fields__
            if (value := getattr(change, name)) is not UNSET
        }
        version: ModelVersion | None = None
        if "model_version_id" in fields:
            model, version = await self._versions.version_by_id(
                caller, fields.pop("model_version_id")
            )
            fields |= fields_of(model, version)
        return await self._owned(live, self._apply(live, fields), "change", interruptible=True)

    async def start(self, caller: Caller, endpoint_id: str) -> Endpoint:
        """Return when the endpoint answers; a repeat changes nothing.

        Raises:
            StartFailed: the model does not start; the endpoint is `failed` and says why.
        """
        live = self._writable(caller, endpoint_id)
        return await self._up(live)

    async def stop(self, caller: Caller, endpoint_id: str) -> Endpoint:
        """Answer what is queued, then end the replicas; a repeat changes nothing."""
        live = self._writable(caller, endpoint_id)
        return await self._owned(live, self._bring_down(live), "stop")

    async def delete(self, caller: Caller, endpoint_id: str) -> EndpointId:
        """Stop the endpoint and forget it; return its id."""
        live = self._writable(caller, endpoint_id)
        return await self._owned(live, self._remove(live), "delete")

    async def deploy(
        self, caller: Caller, model_id: str, ref: str, deploy: Deploy, *, wait: bool
    ) -> Endpoint:
        """Make the version answer under a name: a new endpoint, or the model's own one moved.

        Raises:
            Conflict: the name belongs to an endpoint of another model.
            StartFailed: the version does not start; what answered before still does.
        """
        model, version = await self._versions.version(caller, model_id, ref)
        name = deploy.name or model.name
        live = self._endpoints.named(name)
        if live is None:
            live = await self._add(
                caller,
                name,
                model,
                version,
                deploy.replicas or 1,
                deploy.config or EndpointConfig(),
                model.visibility,
            )
            move = partial(self._up, live)
        elif live.record.model_id != model.id:
            raise name_taken(name)
        else:
            check_write(caller, live.record, "endpoint")
            asked = {"replicas": deploy.replicas, "config": deploy.config}
            fields = fields_of(model, version)
            fields |= {name: value for name, value in asked.items() if value is not None}
            move = partial(self._move, live, fields)
        if wait:
            return await move()
        async with live.turn:
            if live.serving is None:
                self._check_room(live)
                _ = await self._records.become(live, EndpointStatus.STARTING)
        _ = self._tasks.begin(move(), f"deploy {name}", interruptible=True)
        return live.record

    def _writable(self, caller: Caller, endpoint_id: str) -> LiveEndpoint:
        live = self._endpoints.readable(caller, endpoint_id)
        check_write(caller, live.record, "endpoint")
        return live

    async def _add(
        self,
        caller: Caller,
        name: str,
        model: Model,
        version: ModelVersion,
        replicas: int,
        config: EndpointConfig,
        visibility: Visibility,
    ) -> LiveEndpoint:
        if caller.role is Role.VIEWER:
            raise Forbidden("a viewer cannot create endpoints; ask an admin for the role member")
        at = now()
        record = Endpoint(
            id=EndpointId(new_id()),
            user_id=caller.user_id,
            name=name,
            status=EndpointStatus.STOPPED,
            replicas=replicas,
            config=config,
            visibility=visibility,
            created_at=at,
            updated_at=at,
            **fields_of(model, version),
        )
        return await self._records.add(record)

    # ------------------------------------------------------------------ transitions

    async def _up(self, live: LiveEndpoint) -> Endpoint:
        if live.starting is None:
            live.starting = self._tasks.begin(
                self._bring_up(live), f"start {live.record.name}", interruptible=True
            )
            live.starting.add_done_callback(lambda _: setattr(live, "starting", None))
        return await _joined(live.starting, live)

    async def _bring_up(self, live: LiveEndpoint) -> Endpoint:
        async with live.turn:
            if live.serving is not None:
                return live.record
            self._check_room(live)
            await self._records.become(live, EndpointStatus.STARTING)
            try:
                live.serving = await self._serve(live, live.record)
            except AxonError as error:
                await self._records.become(live, EndpointStatus.FAILED, error.detail)
                raise
            return await self._records.become(live, EndpointStatus.RUNNING)

    def _check_room(self, live: LiveEndpoint) -> None:
        if self._is_closing:
            raise Unavailable("the server is being stopped", code="closing", retry_after_s=5)
        others = [each for each in self._endpoints.every() if each is not live]
        n_up = sum(each.record.status in _UP for each in others)
        if n_up >= self._max_endpoints:
            raise Conflict(
                f"{n_up} endpoints run already, as many as [inference] max_endpoints allows;"
                " stop one, or raise it",
                code="too_many_endpoints",
            )

    async def _serve(self, live: LiveEndpoint, record: Endpoint) -> Serving:
        """Return a loaded, warm set of replicas for what `record` says."""
        _, version = await self._versions.version_by_id(_SERVER, record.model_version_id)
        work = Work(
            path=await self._versions.intact_file_of(version),
            format=version.format,
            signature=record.signature,
            threads=record.config.threads,
            memory_mb=record.config.memory_mb,
            load_timeout_s=self._load_timeout_s,
        )
        batcher = Batcher(record.config)

        def on_failed(reason: str) -> None:
            _ = self._tasks.begin(self._fail(live, serving, reason), f"fail {record.name}")

        replicas = ReplicaSet(
            self._engine,
            work,
            record.replicas,
            batcher,
            timeout_s=record.config.timeout_ms / 1000,
            log=live.log,
            on_failed=on_failed,
        )
        serving = Serving(
            version=f"v{record.version}",
            payload=Payload(record.signature, record.config.queue_rows),
            batcher=batcher,
            replicas=replicas,
        )
        await replicas.start()
        return serving

    async def _move(self, live: LiveEndpoint, fields: dict[str, Any]) -> Endpoint:
        record = await self._owned(live, self._apply(live, fields), "deploy", interruptible=True)
        return record if live.serving is not None else await self._up(live)

    async def _apply(self, live: LiveEndpoint, fields: dict[str, Any]) -> Endpoint:
        """Store `fields`; where a running endpoint must serve otherwise, swap first."""
        async with live.turn:
            wanted = msgspec.structs.replace(live.record, **fields)
            old = live.serving
            if old is None or _serves_alike(wanted, live.record):
                return await self._records.write(live, fields)
            try:
                fresh = await self._serve(live, wanted)
            except AxonError as error:
                reason = f"v{wanted.version} did not start: {error.detail}"
                _ = await self._records.write(
                    live, {"reason": f"{reason}; v{live.record.version} goes on"}
                )
                raise
            try:
                record = await self._records.write(live, {**fields, "reason": ""})
            except BaseException:
                await fresh.replicas.close()
                raise
            live.serving = fresh
            # Nothing reaches the old set any more; its callers still get their answers.
            _ = self._tasks.begin(old.replicas.drain(_DRAIN_S), f"drain {record.name}")
            return record

    async def _bring_down(self, live: LiveEndpoint) -> Endpoint:
        if live.starting is not None:
            _ = live.starting.cancel()
        async with live.turn:
            serving, live.serving = live.serving, None
            if serving is not None:
                await self._records.become(live, EndpointStatus.DRAINING)
                await serving.replicas.drain(_DRAIN_S)
            if live.record.status is EndpointStatus.STOPPED:
                return live.record
            return await self._records.become(live, EndpointStatus.STOPPED)

    async def _fail(self, live: LiveEndpoint, serving: Serving, reason: str) -> None:
        """Note that a set gave up; the set of an earlier version changes nothing."""
        async with live.turn:
            if live.serving is serving:
                live.serving = None
                await self._records.become(live, EndpointStatus.FAILED, reason)
            await serving.replicas.close()

    async def _remove(self, live: LiveEndpoint) -> EndpointId:
        _ = await self._bring_down(live)
        async with live.turn:
            await self._records.remove(live)
        return live.record.id

    async def _owned(
        self,
        live: LiveEndpoint,
        work: Coroutine[Any, Any, T],
        verb: str,
        *,
        interruptible: bool = False,
    ) -> T:
        """Do `work` to its end even where its caller goes away."""
        name = f"{verb} {live.record.name}"
        return await _joined(self._tasks.begin(work, name, interruptible=interruptible), live)


async def _joined(task: asyncio.Task[T], live: LiveEndpoint) -> T:
    """Wait for a task; a caller that goes away leaves it running."""
    _ = await asyncio.wait({task})
    if task.cancelled():
        raise Conflict(
            f"endpoint {live.record.name} was stopped meanwhile", code="endpoint_stopped"
        )
    return task.result()


def _serves_alike(one: Endpoint, other: Endpoint) -> bool:
    return (one.model_version_id, one.replicas, one.config) == (
        other.model_version_id,
        other.replicas,
        other.config,
    )
