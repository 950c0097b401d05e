"""What crosses a process about rollouts, and about two versions' answers."""

from datetime import datetime
from typing import Annotated, Any

import msgspec
from msgspec import Meta

from axonml.inference.answers import Difference
from axonml.inference.types import Rollout

Percent = Annotated[float, Meta(ge=0, le=100)]


class NewShare(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A version of the endpoint's model (a number, `latest` or an alias), and its share."""

    version: Annotated[int, Meta(ge=1)] | Annotated[str, Meta(min_length=1, max_length=64)]
    percent: Percent


class NewRollout(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """PUT /api/inference/endpoints/:id/rollout: the whole of it; what is left out ends."""

    canary: NewShare | None = None
    shadow: NewShare | None = None


class SideFigures(msgspec.Struct, frozen=True, kw_only=True):
    """What one version did since the rollout, as it is now, began; latencies in ms."""

    version: int
    percent: float
    requests_total: int
    requests_error: int
    latency_p50: float | None
    latency_p95: float | None
    latency_p99: float | None


class ShadowFigures(msgspec.Struct, frozen=True, kw_only=True):
    """How a shadow's answers compare with those that callers got.

    `skipped`: copies not made, as too many waited for the shadow or the answer was too large.
    """

    compared: int
    agreed: int
    same_top: int | None
    max_difference: float | None
    skipped: int


class RolloutState(msgspec.Struct, frozen=True, kw_only=True):
    """A rollout and its figures; those are None while the endpoint does not run."""

    rollout: Rollout | None
    since: datetime | None = None
    main: SideFigures | None = None
    canary: SideFigures | None = None
    shadow: SideFigures | None = None
    answers: ShadowFigures | None = None


class AskBoth(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """POST /api/inference/endpoints/:id/compare: the same inputs to two versions."""

    version: Annotated[int, Meta(ge=1)] | Annotated[str, Meta(min_length=1, max_length=64)]
    inputs: list[Any] | dict[str, Any]


class VersionAnswer(msgspec.Struct, frozen=True):
    """What one version answered, and how long it took in ms."""

    version: int
    outputs: Any
    latency_ms: float


class Compared(msgspec.Struct, frozen=True):
    """The answers of the version that serves and of another one, and how they differ."""

    main: VersionAnswer
    other: VersionAnswer
    difference: Difference
