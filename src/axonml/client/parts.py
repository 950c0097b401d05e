"""Upload of a large model file in parts (tus 1.0.0), over broken connections."""

import hashlib
import time
from base64 import b64encode
from collections.abc import Callable, Mapping
from typing import Any, Final

import msgspec

from axonml.client.api import Client, ModelFile
from axonml.client.problems import AxonmlError, Unreachable
from axonml.registry.types import ModelVersion

# Smaller files are sent in one request.
LARGE_BYTES: Final = 8 << 20
_PART: Final = 16 << 20
_TUS: Final = {"Tus-Resumable": "1.0.0"}
_OCTETS: Final = {**_TUS, "Content-Type": "application/offset+octet-stream"}
_PATIENCE_S: Final = 120.0
_LONGEST_WAIT_S: Final = 10.0
# Somebody else is at it, or nobody just now: ask again where the upload is.
_PASSING: Final = frozenset({409, 423, 429, 502, 503, 504})
_UPLOAD_S: Final = 600.0

# Called with the bytes that are there, and all bytes.
OnProgress = Callable[[int, int], None]


class _Upload(msgspec.Struct, frozen=True):
    id: str
    filename: str
    size_bytes: int
    offset: int
    sha256: str | None
    status: str
    version: ModelVersion | None = None


class _Uploads(msgspec.Struct, frozen=True):
    items: list[_Upload]


class _Plan(msgspec.Struct, frozen=True):
    """What is sent: the file's size, name and hash, and what is said of it."""

    size: int
    filename: str
    sha256: str
    metadata: Mapping[str, Any]


def upload_in_parts(
    client: Client,
    model_id: str,
    file: ModelFile,
    filename: str,
    metadata: Mapping[str, Any],
    on_progress: OnProgress | None = None,
) -> ModelVersion:
    """Upload the file as the model's next version; one that broke off earlier goes on.

    What broke off is known by its hash: another script, on another machine, may take it up.

    Raises:
        AxonmlError: the server refused the file.
        Unreachable: nothing answered for two minutes; what came stays there for a day.
    """
    uploads = f"/api/models/{model_id}/uploads"
    sha256 = hashlib.file_digest(file, "sha256").hexdigest()
    plan = _Plan(file.tell(), filename, sha256, {**metadata, "sha256": sha256})
    upload = _begun(client, uploads, plan) or _announced(client, uploads, plan)
    path = f"{uploads}/{upload.id}"
    since = time.monotonic()
    wait_s = 0.25
    while upload.version is None:
        before = upload.offset
        _ = file.seek(before)
        headers = {**_OCTETS, "Upload-Offset": str(before)}
        try:
            content = file.read(_PART)
            _ = client.call(
                "PATCH", path, type(None), content=content, headers=headers, timeout=_UPLOAD_S
            )
        except (Unreachable, AxonmlError) as error:
            is_passing = isinstance(error, Unreachable) or error.status in _PASSING
            if not is_passing or time.monotonic() - since > _PATIENCE_S:
                raise
            time.sleep(error.retry_after_s or wait_s)
            wait_s = min(wait_s * 2, _LONGEST_WAIT_S)
        upload = _where(client, path) or upload
        if upload.offset > before or upload.version is not None:
            since, wait_s = time.monotonic(), 0.25
        if on_progress is not None:
            on_progress(upload.offset, plan.size)
    return upload.version


def _begun(client: Client, uploads: str, plan: _Plan) -> _Upload | None:
    """Return an unfinished upload of the same bytes under the same name."""
    found = client.call("GET", uploads, _Uploads).items
    same = (each for each in found if (each.sha256, each.size_bytes) == (plan.sha256, plan.size))
    return next((each for each in same if each.filename == plan.filename), None)


def _announced(client: Client, uploads: str, plan: _Plan) -> _Upload:
    said = msgspec.json.encode(plan.metadata)
    pairs = {"filename": plan.filename.encode(), "metadata": said}
    described = ",".join(f"{key} {b64encode(value).decode()}" for key, value in pairs.items())
    headers = {**_TUS, "Upload-Length": str(plan.size), "Upload-Metadata": described}
    _ = client.call("POST", uploads, type(None), headers=headers)
    upload = _begun(client, uploads, plan)
    if upload is None:
        raise AxonmlError("the upload was announced, and is not there; try again")
    return upload


def _where(client: Client, path: str) -> _Upload | None:
    """Return how far the upload is; None where nobody answers just now."""
    try:
        return client.call("GET", path, _Upload)
    except Unreachable:
        return None
