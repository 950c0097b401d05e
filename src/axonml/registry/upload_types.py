"""Resumable uploads: what crosses a process, what is stored, and how they fail."""

from datetime import datetime
from enum import StrEnum
from typing import ClassVar, Literal

import msgspec

from axonml.errors import AxonError, Conflict
from axonml.ids import ModelId, UserId, VersionId
from axonml.registry.types import ModelVersion, VersionMetadata


class UploadState(StrEnum):
    """Bytes come in; then the whole file is checked; then it is a version, or was refused."""

    RECEIVING = "receiving"
    CHECKING = "checking"
    DONE = "done"
    FAILED = "failed"


class UploadProblem(msgspec.Struct, frozen=True):
    """Why the whole file was refused."""

    status: int
    code: str
    detail: str


class StoredUpload(msgspec.Struct, frozen=True, kw_only=True):
    """An upload as the store has it; how many bytes came is the size of its file.

    `floor` is set while a part comes whose checksum is not verified yet: what the file has beyond
    it does not count. `sha256` is set once all bytes are there.
    """

    id: str
    model_id: ModelId
    user_id: UserId
    filename: str
    size_bytes: int
    metadata: VersionMetadata
    created_ms: int
    expires_ms: int
    state: UploadState = UploadState.RECEIVING
    floor: int | None = None
    sha256: str | None = None
    version_id: VersionId | None = None
    problem: UploadProblem | None = None


class Upload(msgspec.Struct, frozen=True, kw_only=True):
    """A resumable upload: `offset` of `size_bytes` are there; `sha256` is the announced one."""

    id: str
    model_id: ModelId
    filename: str
    size_bytes: int
    offset: int
    sha256: str | None
    created_at: datetime
    expires_at: datetime
    status: UploadState
    version: ModelVersion | None = None
    problem: UploadProblem | None = None


class UploadPage(msgspec.Struct, frozen=True):
    """The unfinished uploads of a model, newest first; they come in one page."""

    items: list[Upload]
    next_cursor: str | None = None


class Checksum(msgspec.Struct, frozen=True):
    """What the bytes of one PATCH must hash to."""

    algorithm: Literal["sha256", "sha1"]
    digest: bytes


class WrongOffset(Conflict):
    """The bytes sent do not begin where those that are there end."""

    code: ClassVar[str] = "wrong_offset"
    title: ClassVar[str] = "The upload goes on elsewhere"


class WrongProtocol(AxonError):
    """The client speaks another version of tus, or none."""

    code: ClassVar[str] = "wrong_tus_version"
    status: ClassVar[int] = 412
    title: ClassVar[str] = "Not tus 1.0.0"


class Busy(AxonError):
    """Another request brings bytes of the same upload, or it is being checked."""

    code: ClassVar[str] = "upload_busy"
    status: ClassVar[int] = 423
    title: ClassVar[str] = "The upload is busy"


class ChecksumMismatch(AxonError):
    """The bytes of a PATCH arrived changed; none of them were kept."""

    code: ClassVar[str] = "checksum_mismatch"
    status: ClassVar[int] = 460
    title: ClassVar[str] = "The bytes arrived changed"


class Refused(AxonError):
    """The whole file was refused before; says so again."""

    def __init__(self, problem: UploadProblem) -> None:
        super().__init__(problem.detail, code=problem.code)
        self.status = problem.status  # pyright: ignore[reportAttributeAccessIssue]  # the status it was refused with
