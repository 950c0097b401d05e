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
from axonml.ids import EndpointId, new_id
from axonml.inference.endpoints import Endpoints, LiveEndpoint
from axonml.inference.records import Records, name_taken
from axonml.inference.rollout import LineUp, RolloutAtWork, Serving
from axonml.inference.starter import OnFailed, Starter, news, serves_alike, with_rollout
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
_log: Final = structlog.stdlib.get_logger("axonml.inference")


class Supervisor:
    """Owns every endpoint's life; changes of one take turns, those of others do not wait."""

    def __init__(
        self,
        store: EndpointStore,
        versions: Versions,
        endpoints: Endpoints,
        starter: Starter,
        live: Live,
        *,
        max_endpoints: int,
    ) -> None:
        self._store: Final = store
        self._versions: Final = versions
        self._endpoints: Final = endpoints
        self._starter: Final = starter
        self._max_endpoints: Final = max_endpoints
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
                drains += [each.replicas.drain(_DRAIN_S) for each in live.take(None)]
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
        live = self.writable(caller, endpoint_id)
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
        return await self.apply(live, fields)

    async def apply(self, live: LiveEndpoint, fields: dict[str, Any]) -> Endpoint:
        """Store `fields` of the record; a running endpoint serves what they say, without a gap."""
        return await self._owned(live, self._apply(live, fields), "change", interruptible=True)

    async def start(self, caller: Caller, endpoint_id: str) -> Endpoint:
        """Return when the endpoint answers; a repeat changes nothing.

        Raises:
            StartFailed: the model does not start; the endpoint is `failed` and says why.
        """
        live = self.writable(caller, endpoint_id)
        return await self._up(live)

    async def stop(self, caller: Caller, endpoint_id: str) -> Endpoint:
        """Answer what is queued, then end the replicas; a repeat changes nothing."""
        live = self.writable(caller, endpoint_id)
        return await self._owned(live, self._bring_down(live), "stop")

    async def delete(self, caller: Caller, endpoint_id: str) -> EndpointId:
        """Stop the endpoint and forget it; return its id."""
        live = self.writable(caller, endpoint_id)
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

    def writable(self, caller: Caller, endpoint_id: str) -> LiveEndpoint:
        """Return the endpoint, if the caller may change it."""
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
                line_up, reason = await self._lined_up_again(live)
            except AxonError as error:
                await self._records.become(live, EndpointStatus.FAILED, error.detail)
                raise
            _ = live.take(line_up)
            return await self._records.become(live, EndpointStatus.RUNNING, reason)

    async def _lined_up_again(self, live: LiveEndpoint) -> tuple[LineUp, str]:
        """Start what the record says; a rollout that does not start must not keep it down."""
        record = live.record
        try:
            return await self._starter.line_up(live, record, self._on_failed(live)), ""
        except AxonError as error:
            if record.rollout is None:
                raise
            alone = msgspec.structs.replace(record, rollout=None)
            line_up = await self._starter.line_up(live, alone, self._on_failed(live))
            _ = await self._records.write(live, {"rollout": None})
            return line_up, f"the rollout ended, as it did not start: {error.detail}"

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

    async def _move(self, live: LiveEndpoint, fields: dict[str, Any]) -> Endpoint:
        record = await self.apply(live, fields)
        return record if live.serving is not None else await self._up(live)

    async def _apply(self, live: LiveEndpoint, fields: dict[str, Any]) -> Endpoint:
        """Store `fields`; where a running endpoint must serve otherwise, swap first."""
        async with live.turn:
            fields = with_rollout(live.record, fields)
            wanted = msgspec.structs.replace(live.record, **fields)
            if live.serving is None or serves_alike(wanted, live.record):
                return await self._records.write(live, fields)
            try:
                fresh = await self._starter.line_up(live, wanted, self._on_failed(live))
            except AxonError as error:
                reason = f"{news(wanted, live.record)} did not start: {error.detail}"
                _ = await self._records.write(
                    live, {"reason": f"{reason}; v{live.record.version} goes on"}
                )
                raise
            try:
                record = await self._records.write(live, {**fields, "reason": ""})
            except BaseException:
                new = [each for each in fresh.servings if each not in live.servings]
                _ = await asyncio.gather(*(each.replicas.close() for each in new))
                raise
            # Nothing reaches the old sets any more; their callers still get their answers.
            for each in live.take(fresh):
                _ = self._tasks.begin(each.replicas.drain(_DRAIN_S), f"drain {record.name}")
            return record

    async def _bring_down(self, live: LiveEndpoint) -> Endpoint:
        if live.starting is not None:
            _ = live.starting.cancel()
        async with live.turn:
            ended = live.take(None)
            if ended:
                await self._records.become(live, EndpointStatus.DRAINING)
                _ = await asyncio.gather(*(each.replicas.drain(_DRAIN_S) for each in ended))
            if live.record.status is EndpointStatus.STOPPED:
                return live.record
            return await self._records.become(live, EndpointStatus.STOPPED)

    def _on_failed(self, live: LiveEndpoint) -> OnFailed:
        def begin(serving: Serving, reason: str) -> None:
            _ = self._tasks.begin(self._fail(live, serving, reason), f"fail {live.record.name}")

        return begin

    async def _fail(self, live: LiveEndpoint, serving: Serving, reason: str) -> None:
        """Note that a set gave up; the set of an earlier version changes nothing."""
        async with live.turn:
            ended = [serving]
            if live.serving is serving:
                ended = live.take(None)
                await self._records.become(live, EndpointStatus.FAILED, reason)
            elif live.rollout is not None and serving in live.rollout.servings:
                await self._take_out(live, live.rollout, serving, reason)
            _ = await asyncio.gather(*(each.replicas.close() for each in ended))

    async def _take_out(
        self, live: LiveEndpoint, rollout: RolloutAtWork, serving: Serving, reason: str
    ) -> None:
        if not rollout.take_out(serving):
            live.rollout = None
        stored = live.record.rollout
        rest = None if stored is None else stored.without(serving.model_version_id)
        _ = await self._records.write(
            live,
            {
                "rollout": rest,
                "reason": f"{serving.version} was taken out of the rollout: {reason}",
            },
        )

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
