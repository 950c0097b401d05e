"""Try a version beside the one that answers, take it or leave it; compare two on one input."""

import asyncio
from collections.abc import Sequence
from typing import Any, Final

import msgspec

from axonml.clock import as_datetime, monotonic, now_ms
from axonml.errors import Conflict, Invalid
from axonml.formats.format import TensorSpec
from axonml.http.caller import Caller
from axonml.inference.answers import difference
from axonml.inference.endpoints import Endpoints, LiveEndpoint
from axonml.inference.latency import percentiles
from axonml.inference.outputs import Answer
from axonml.inference.payload import Inputs
from axonml.inference.rollout import RolloutAtWork, Serving, Shadow, Side
from axonml.inference.rollout_types import (
    AskBoth,
    Compared,
    NewRollout,
    NewShare,
    RolloutState,
    ShadowFigures,
    SideFigures,
    VersionAnswer,
)
from axonml.inference.starter import Starter
from axonml.inference.supervisor import Supervisor
from axonml.inference.types import Endpoint, Rollout, Share
from axonml.inference.versions import Versions, fields_of
from axonml.registry.types import ModelVersion

# Versions loaded only to be compared, at once on this server: each is a process.
_MAX_LOADED: Final = 2
# More values than that are for a program to compare, not for a page.
_MAX_VALUES: Final = 100_000


class Rollouts:
    """What callers ask of rollouts; the supervisor swaps, the starter starts."""

    def __init__(
        self, supervisor: Supervisor, endpoints: Endpoints, versions: Versions, starter: Starter
    ) -> None:
        self._supervisor: Final = supervisor
        self._endpoints: Final = endpoints
        self._versions: Final = versions
        self._starter: Final = starter
        self._loaded: Final = asyncio.Semaphore(_MAX_LOADED)

    def state(self, caller: Caller, endpoint_id: str) -> RolloutState:
        """Return an endpoint's rollout and its figures."""
        live = self._endpoints.readable(caller, endpoint_id)
        stored, work = live.record.rollout, live.rollout
        if stored is None or work is None:
            return RolloutState(rollout=stored)
        return _state(live.record, stored, work)

    async def begin(self, caller: Caller, endpoint_id: str, new: NewRollout) -> Endpoint:
        """Serve as `new` says; figures begin anew.

        Raises:
            Invalid: a version that answers already, or that takes other inputs.
            StartFailed: a version does not start; all stays as it was.
        """
        live = self._supervisor.writable(caller, endpoint_id)
        canary, shadow = [
            await self._share(caller, live, each) for each in (new.canary, new.shadow)
        ]
        if canary and shadow and canary.version == shadow.version:
            raise Invalid(f"v{canary.version} is either the canary or the shadow, not both")
        rollout = Rollout(canary, shadow) if canary or shadow else None
        return await self._supervisor.apply(live, {"rollout": rollout})

    async def end(self, caller: Caller, endpoint_id: str) -> Endpoint:
        """Let the endpoint's version answer everything again."""
        live = self._supervisor.writable(caller, endpoint_id)
        return await self._supervisor.apply(live, {"rollout": None})

    async def promote(self, caller: Caller, endpoint_id: str) -> Endpoint:
        """Make the canary (without one, the shadow) the version that answers."""
        live = self._supervisor.writable(caller, endpoint_id)
        tried = live.record.rollout
        share = None if tried is None else tried.canary or tried.shadow
        if share is None:
            raise Conflict(
                f"endpoint {live.record.name} has no rollout to promote", code="no_rollout"
            )
        model, version = await self._versions.version_by_id(caller, share.model_version_id)
        return await self._supervisor.apply(live, {**fields_of(model, version), "rollout": None})

    async def compare(self, caller: Caller, endpoint_id: str, ask: AskBoth) -> Compared:
        """Return what two versions answer to the same inputs.

        A version that does not run for the endpoint is loaded for this one answer.
        """
        live = self._endpoints.callable_by(
            caller, self._endpoints.readable(caller, endpoint_id).record.name
        )
        main = live.require_serving()
        version = await self._alike(caller, live, str(ask.version))
        body = msgspec.json.encode({"inputs": ask.inputs})
        inputs = await asyncio.to_thread(main.payload.decode_apart, body)
        here, here_ms = await _timed(main, inputs)
        if here.n_values > _MAX_VALUES:
            raise Invalid(
                f"the answer has {here.n_values} values, more than the {_MAX_VALUES} that are"
                " compared here; send fewer rows"
            )
        there, there_ms = await self._answer_of(live, version, inputs)
        return Compared(
            VersionAnswer(int(main.version[1:]), here.as_json(), here_ms),
            VersionAnswer(version.version, there.as_json(), there_ms),
            difference(here.arrays(), there.arrays()),
        )

    async def _answer_of(
        self, live: LiveEndpoint, version: ModelVersion, inputs: Inputs
    ) -> tuple[Answer, float]:
        for serving in live.servings:
            if serving.model_version_id == version.id:
                return await _timed(serving, inputs)
        async with self._loaded:
            share = Share(version.id, version.version, 0)
            record = await self._starter.beside(live.record, share)
            serving = await self._starter.serving(record, live, _ends_alone)
            try:
                return await _timed(serving, inputs)
            finally:
                await serving.replicas.close()

    async def _share(
        self, caller: Caller, live: LiveEndpoint, new: NewShare | None
    ) -> Share | None:
        if new is None:
            return None
        version = await self._alike(caller, live, str(new.version))
        if version.version == live.record.version:
            raise Invalid(f"v{version.version} answers already; name another version")
        return Share(version.id, version.version, new.percent)

    async def _alike(self, caller: Caller, live: LiveEndpoint, ref: str) -> ModelVersion:
        """Return the version of the endpoint's model; `Invalid` where it takes other inputs."""
        model, version = await self._versions.version(caller, live.record.model_id, ref)
        _ = fields_of(model, version)
        wanted, taken = live.record.signature.inputs, version.signature
        if taken is None or taken.inputs != wanted:
            came = "none" if taken is None else _said(taken.inputs)
            raise Invalid(
                f"v{version.version} takes other inputs than v{live.record.version}:"
                f" {came}, not {_said(wanted)}; deploy it under a name of its own",
                code="other_inputs",
            )
        return version


def _ends_alone(_serving: Serving, _reason: str) -> None:
    """Change nothing: its one caller sees the error."""


async def _timed(serving: Serving, inputs: Inputs) -> tuple[Answer, float]:
    began = monotonic()
    answer = await serving.batcher.submit(inputs)
    return answer, round((monotonic() - began) * 1000, 3)


def _said(specs: Sequence[TensorSpec]) -> str:
    return ", ".join(f"{each.name} {each.dtype}{list(each.shape)}" for each in specs)


def _state(record: Endpoint, stored: Rollout, work: RolloutAtWork) -> RolloutState:
    began_ms = now_ms() - round((monotonic() - work.main.figures.since) * 1000)
    figures: dict[str, Any] = {"main": _figures(record.version, work.main)}
    if work.canary is not None and stored.canary is not None:
        figures["canary"] = _figures(stored.canary.version, work.canary)
    if work.shadow is not None and stored.shadow is not None:
        figures["shadow"] = _figures(stored.shadow.version, work.shadow)
        figures["answers"] = _answers(work.shadow)
    return RolloutState(rollout=stored, since=as_datetime(began_ms), **figures)


def _figures(version: int, side: Side) -> SideFigures:
    p50, p95, p99 = percentiles([side.figures]) or (None, None, None)
    return SideFigures(
        version=version,
        percent=side.percent,
        requests_total=side.figures.n_total,
        requests_error=side.figures.n_error,
        latency_p50=p50,
        latency_p95=p95,
        latency_p99=p99,
    )


def _answers(shadow: Shadow) -> ShadowFigures:
    return ShadowFigures(
        compared=shadow.n_compared,
        agreed=shadow.n_agreed,
        same_top=shadow.n_same_top,
        max_difference=shadow.max_difference if shadow.n_compared else None,
        skipped=shadow.n_skipped,
    )
