"""From a stored record to what serves it: sets of replicas, loaded and warm."""

import asyncio
import math
from collections.abc import Callable
from functools import partial
from typing import Any, Final

import msgspec

from axonml.errors import Conflict
from axonml.http.caller import Caller, Role
from axonml.ids import UserId
from axonml.inference.batcher import Batcher
from axonml.inference.endpoints import LiveEndpoint
from axonml.inference.engines.engine import Engine, Work
from axonml.inference.payload import Payload
from axonml.inference.replicas import ReplicaSet
from axonml.inference.rollout import LineUp, RolloutAtWork, Serving, Shadow, Side
from axonml.inference.types import Endpoint, Share
from axonml.inference.versions import Versions, fields_of

_SERVER: Final = Caller(user_id=UserId("server"), email="", role=Role.ADMIN)
# Told when a set of replicas gives up, and why.
OnFailed = Callable[[Serving, str], None]


class Starter:
    """Starts sets of replicas, each for one version."""

    def __init__(self, versions: Versions, engine: Engine, load_timeout_s: float) -> None:
        self._versions: Final = versions
        self._engine: Final = engine
        self._load_timeout_s: Final = load_timeout_s

    async def line_up(self, live: LiveEndpoint, record: Endpoint, on_failed: OnFailed) -> LineUp:
        """Return what serves `record`: sets that `live` has already, and new ones.

        Raises:
            StartFailed: one could not start; no new one is left running.
        """
        there = {each.key: each for each in live.servings}
        started: list[Serving] = []

        async def serving_of(wanted: Endpoint) -> Serving:
            found = there.get(key_of(wanted))
            if found is None:
                found = await self.serving(wanted, live, on_failed)
                started.append(found)
            return found

        async def side_of(share: Share | None) -> Serving | None:
            return None if share is None else await serving_of(await self.beside(record, share))

        try:
            main = await serving_of(record)
            tried = record.rollout
            if tried is None:
                return LineUp(main, None)
            canary, shadow = await side_of(tried.canary), await side_of(tried.shadow)
        except BaseException:
            _ = await asyncio.gather(*(each.replicas.close() for each in started))
            raise
        rollout = RolloutAtWork(
            main,
            Side(canary, tried.canary.percent) if tried.canary and canary else None,
            Shadow(shadow, tried.shadow.percent) if tried.shadow and shadow else None,
        )
        return LineUp(main, rollout)

    async def beside(self, record: Endpoint, share: Share) -> Endpoint:
        """Return the record as if it served the share's version, with replicas for that share."""
        model, version = await self._versions.version_by_id(_SERVER, share.model_version_id)
        replicas = max(1, math.ceil(record.replicas * share.percent / 100))
        return msgspec.structs.replace(record, **fields_of(model, version), replicas=replicas)

    async def serving(self, record: Endpoint, live: LiveEndpoint, on_failed: OnFailed) -> Serving:
        """Return a loaded, warm set of replicas for the version that `record` names."""
        _, version = await self._versions.version_by_id(_SERVER, record.model_version_id)
        work = Work(
            path=await self._versions.intact_file_of(version),
            format=version.format,
            signature=record.signature,
            threads=record.config.threads,
            memory_mb=record.config.memory_mb,
            device=record.config.device,
            load_timeout_s=self._load_timeout_s,
        )
        batcher = Batcher(record.config)
        replicas = ReplicaSet(
            self._engine,
            work,
            record.replicas,
            batcher,
            timeout_s=record.config.timeout_ms / 1000,
            log=partial(live.log, record.version),
            on_failed=lambda reason: on_failed(serving, reason),
        )
        serving = Serving(
            key=key_of(record),
            version=f"v{record.version}",
            model_version_id=record.model_version_id,
            payload=Payload(record.signature, record.config.queue_rows),
            batcher=batcher,
            replicas=replicas,
        )
        await replicas.start()
        return serving


def key_of(record: Endpoint) -> object:
    """Return what decides which replicas can serve a record."""
    return record.model_version_id, record.replicas, record.config


def serves_alike(one: Endpoint, other: Endpoint) -> bool:
    """Tell whether the same sets of replicas, in the same shares, serve both records."""
    return (key_of(one), one.rollout) == (key_of(other), other.rollout)


def news(wanted: Endpoint, old: Endpoint) -> str:
    """Say what a change would start: its version, or its rollout."""
    return "the rollout" if key_of(wanted) == key_of(old) else f"v{wanted.version}"


def with_rollout(record: Endpoint, fields: dict[str, Any]) -> dict[str, Any]:
    """Return `fields` with what they make of the rollout.

    A version that was tried becomes the one that answers; another one would end the trial unasked.
    """
    version_id = fields.get("model_version_id", record.model_version_id)
    tried = record.rollout
    if tried is None or "rollout" in fields or version_id == record.model_version_id:
        return fields
    if version_id not in {s.model_version_id for s in (tried.canary, tried.shadow) if s}:
        raise Conflict(
            f"a rollout of endpoint {record.name} is under way; promote it or end it first",
            code="rollout_under_way",
        )
    return {**fields, "rollout": tried.without(version_id)}
