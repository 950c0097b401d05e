"""What crosses a process in the registry: models, versions, where they are deployed."""

from datetime import datetime
from typing import Annotated, Any, Literal

import msgspec
from msgspec import UNSET, Meta, UnsetType

from axonml.formats.format import Scan, Signature
from axonml.ids import EndpointId, ModelId, RunId, UserId, VersionId

ModelName = Annotated[
    str, Meta(min_length=1, max_length=128, pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]*$")
]
Alias = Annotated[str, Meta(min_length=1, max_length=64, pattern=r"^[A-Za-z][A-Za-z0-9_-]*$")]
Tag = Annotated[str, Meta(min_length=1, max_length=64, pattern=r"^[^\x00-\x1f\x7f]*$")]
Reason = Annotated[str, Meta(max_length=1024)]
Visibility = Literal["private", "team"]


class Deployment(msgspec.Struct, frozen=True, kw_only=True):
    """An endpoint that serves a version, with its latencies of the last ten seconds in ms."""

    endpoint_id: EndpointId
    name: str
    model_id: ModelId
    version: int
    status: str
    latency_p50: float | None = None
    latency_p95: float | None = None


class Model(msgspec.Struct, frozen=True, kw_only=True):
    """A named line of versions; `latest_version` is the highest that there is, None without one.

    `description` is the model card, in Markdown. `next_version` is the number that the next upload
    gets: a deleted number never comes back. Counts, size (in bytes, over all versions), formats
    and deployments come with each answer; no document has them.
    """

    id: ModelId
    user_id: UserId
    name: str
    description: str = ""
    model_type: str = ""
    tags: tuple[str, ...] = ()
    visibility: Visibility = "private"
    aliases: dict[str, int] = {}
    latest_version: int | None = None
    n_versions: int = 0
    next_version: int = 1
    requires_approval: bool = False
    size_bytes: int = 0
    formats: tuple[str, ...] = ()
    deployed: tuple[Deployment, ...] = ()
    created_at: datetime
    updated_at: datetime


class NewModel(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """POST /api/models."""

    name: ModelName
    description: Annotated[str, Meta(max_length=65536)] = ""
    model_type: Annotated[str, Meta(max_length=128)] = ""
    tags: Annotated[tuple[Tag, ...], Meta(max_length=64)] = ()
    visibility: Visibility = "private"
    requires_approval: bool = False


class ModelChange(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """PUT /api/models/:id; what is left out stays."""

    name: ModelName | UnsetType = UNSET
    description: Annotated[str, Meta(max_length=65536)] | UnsetType = UNSET
    model_type: Annotated[str, Meta(max_length=128)] | UnsetType = UNSET
    tags: Annotated[tuple[Tag, ...], Meta(max_length=64)] | UnsetType = UNSET
    visibility: Visibility | UnsetType = UNSET
    requires_approval: bool | UnsetType = UNSET


class Approval(msgspec.Struct, frozen=True, kw_only=True):
    """Who allowed a version to be deployed, and why."""

    by: UserId
    by_name: str = ""
    at: datetime
    reason: str = ""


class ModelVersion(msgspec.Struct, frozen=True, kw_only=True):
    """One immutable file of a model. `reason` says why it is not servable, with the way out.

    `file_path` is relative to the data folder: `models/{model_id}/v{version}/model.<suffix>`.
    """

    id: VersionId
    model_id: ModelId
    version: int
    file_path: str
    file_size: int
    sha256: str
    format: str
    signature: Signature | None
    servable: bool
    reason: str = ""
    scan: Scan | None = None
    metrics: dict[str, float] = {}
    config: dict[str, Any] = {}
    description: str = ""
    tags: tuple[str, ...] = ()
    approval: Approval | None = None
    training_run_id: RunId | None = None
    created_by: UserId
    created_by_name: str = ""
    created_at: datetime


class VersionMetadata(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The part `metadata` of an upload; `sha256`, where given, must be the file's."""

    metrics: dict[str, float] = {}
    config: dict[str, Any] = {}
    description: Annotated[str, Meta(max_length=65536)] = ""
    tags: Annotated[tuple[Tag, ...], Meta(max_length=64)] = ()
    training_run_id: Annotated[str, Meta(pattern="^[0-7][0-9A-HJKMNP-TV-Z]{25}$")] | None = None
    sha256: Annotated[str, Meta(pattern="^[0-9a-f]{64}$")] | None = None


class VersionChange(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """PATCH /api/models/:id/versions/:v; what is left out stays."""

    description: Annotated[str, Meta(max_length=65536)] | UnsetType = UNSET
    tags: Annotated[tuple[Tag, ...], Meta(max_length=64)] | UnsetType = UNSET


class UploadForm(msgspec.Struct, frozen=True):
    """The parts of a multipart upload, for the API document."""

    file: bytes
    metadata: VersionMetadata = VersionMetadata()


class AliasTarget(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """PUT /api/models/:id/aliases/:alias."""

    version: Annotated[int, Meta(ge=1, le=999_999_999)]
    reason: Reason = ""


class Approving(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """POST /api/models/:id/versions/:v/approval."""

    reason: Reason = ""


class ModelPage(msgspec.Struct, frozen=True):
    """One page of models, and how many there are in all; `next_cursor` is None on the last."""

    items: list[Model]
    next_cursor: str | None
    total: int


class RunModel(msgspec.Struct, frozen=True):
    """A version that a run made, with the name of its model."""

    model_name: str
    version: ModelVersion


class RunModels(msgspec.Struct, frozen=True):
    """The versions that a run made, oldest first; they come in one page."""

    items: list[RunModel]


class VersionPage(msgspec.Struct, frozen=True):
    """The versions of a model, newest first; they come in one page."""

    items: list[ModelVersion]
    next_cursor: str | None
