"""What crosses a process in inference: endpoints, their configuration, their figures."""

from datetime import datetime
from enum import StrEnum
from typing import Annotated, Any, Literal

import msgspec
from msgspec import UNSET, Meta, UnsetType

from axonml.formats.format import Device, Signature
from axonml.ids import EndpointId, ModelId, UserId, VersionId

EndpointName = Annotated[
    str, Meta(min_length=1, max_length=128, pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]*$")
]
Visibility = Literal["private", "team"]


class EndpointStatus(StrEnum):
    """Where an endpoint stands."""

    STOPPED = "stopped"
    STARTING = "starting"
    RUNNING = "running"
    DRAINING = "draining"
    FAILED = "failed"


class EndpointConfig(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How an endpoint batches and what its replicas may use. Sizes in rows, MiB, ms.

    A replica never falls back from `cuda` to the CPU: it does not start, and says why.
    """

    max_batch_rows: Annotated[int, Meta(ge=1, le=65536)] = 64
    max_delay_ms: Annotated[float, Meta(ge=0, le=1000)] = 0.0
    queue_rows: Annotated[int, Meta(ge=1, le=1_000_000)] = 4096
    timeout_ms: Annotated[int, Meta(ge=1, le=600_000)] = 30_000
    threads: Annotated[int, Meta(ge=1, le=64)] = 1
    memory_mb: Annotated[int, Meta(ge=64, le=1 << 20)] | None = None
    device: Device = "cpu"


class Share(msgspec.Struct, frozen=True):
    """A version that gets `percent` of an endpoint's requests beside the one that answers."""

    model_version_id: VersionId
    version: int
    percent: float


class Rollout(msgspec.Struct, frozen=True):
    """What is tried beside an endpoint's version.

    The canary answers its share of the requests. The shadow gets copies of its share; callers
    never see its answers, which are compared with those that they got.
    """

    canary: Share | None = None
    shadow: Share | None = None

    def without(self, version_id: VersionId) -> "Rollout | None":
        """Return the rest once a version is taken out; None where nothing is left."""
        canary, shadow = (
            share if share is not None and share.model_version_id != version_id else None
            for share in (self.canary, self.shadow)
        )
        return Rollout(canary, shadow) if canary or shadow else None


class ServingStats(msgspec.Struct, frozen=True):
    """The last ten seconds of an endpoint, latencies in ms; None where nothing was asked."""

    requests_per_s: float
    latency_p50: float | None
    latency_p95: float | None
    latency_p99: float | None
    requests_error: int
    queued_rows: int


class Endpoint(msgspec.Struct, frozen=True, kw_only=True):
    """A version under a name that answers predictions. `reason` says why it failed."""

    id: EndpointId
    user_id: UserId
    name: str
    model_id: ModelId
    model_version_id: VersionId
    model_name: str
    version: int
    status: EndpointStatus
    reason: str = ""
    port: int | None = None
    replicas: int = 1
    config: EndpointConfig = EndpointConfig()
    signature: Signature
    visibility: Visibility = "private"
    rollout: Rollout | None = None
    stats: ServingStats | None = None
    created_at: datetime
    updated_at: datetime


class NewEndpoint(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """POST /api/inference/endpoints: a stopped endpoint; `start` starts it."""

    name: EndpointName
    model_version_id: str
    replicas: Annotated[int, Meta(ge=1, le=64)] = 1
    config: EndpointConfig = EndpointConfig()
    visibility: Visibility = "private"


class EndpointChange(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """PUT /api/inference/endpoints/:id; what is left out stays.

    A running endpoint answers without a gap: the old replicas stay until the new ones are ready.
    """

    name: EndpointName | UnsetType = UNSET
    model_version_id: str | UnsetType = UNSET
    replicas: Annotated[int, Meta(ge=1, le=64)] | UnsetType = UNSET
    config: EndpointConfig | UnsetType = UNSET
    visibility: Visibility | UnsetType = UNSET


class Deploy(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """POST /api/models/:id/versions/:v/deploy; without `name` the endpoint is named as the model.

    An endpoint of that name and model is moved to this version, and keeps what is left out here.
    """

    name: EndpointName | None = None
    replicas: Annotated[int, Meta(ge=1, le=64)] | None = None
    config: EndpointConfig | None = None


class PredictRequest(msgspec.Struct, frozen=True):
    """POST /api/inference/predict/:name: rows for a model of one input, else rows by input name.

    NaN and the infinities are the strings "NaN", "Infinity" and "-Infinity". `parameters` is let
    through for clients that send it.
    """

    inputs: list[Any] | dict[str, Any]
    parameters: dict[str, Any] = {}


class Prediction(msgspec.Struct, frozen=True):
    """The answer of a predict: `outputs` a list of rows, or one list of rows per output name."""

    outputs: Any
    model_version: str
    latency_ms: float


class MetricsRow(msgspec.Struct, frozen=True):
    """One second (or one pixel) of `axonml_inference_metrics`; latencies in ms."""

    timestamp: datetime
    requests_total: int
    requests_success: int
    requests_error: int
    latency_p50: float | None
    latency_p95: float | None
    latency_p99: float | None


class ReplicaState(msgspec.Struct, frozen=True, kw_only=True):
    """One replica: a process with one version loaded.

    `role` is main, canary or shadow; `restarts` counts how often its number was started again;
    `pid` and `memory_bytes` (resident) are None while it starts again.
    """

    version: int
    role: Literal["main", "canary", "shadow"]
    replica: int
    status: Literal["running", "restarting"]
    restarts: int
    pid: int | None
    load_ms: float | None
    memory_bytes: int | None


class ReplicaPage(msgspec.Struct, frozen=True):
    """The replicas that run for an endpoint, those of its version first."""

    items: list[ReplicaState]


class ReplicaLogLine(msgspec.Struct, frozen=True):
    """One line that a replica of a version wrote to its standard error."""

    timestamp: datetime
    version: int
    replica: int
    line: str


class EndpointPage(msgspec.Struct, frozen=True):
    """One page of endpoints; `next_cursor` is None on the last."""

    items: list[Endpoint]
    next_cursor: str | None


class MetricsPage(msgspec.Struct, frozen=True):
    """Rows in rising order of time; a second without a request has none."""

    items: list[MetricsRow]


class ReplicaLogPage(msgspec.Struct, frozen=True):
    """The last lines of an endpoint's replicas, oldest first, at most 200 of each replica."""

    items: list[ReplicaLogLine]
