"""HTTP of resumable uploads: tus 1.0.0 under /api/models/:id/uploads.

Extensions: creation, termination, checksum and expiration. Source: https://tus.io/protocols/
resumable-upload (1.0.0).
"""

import binascii
import re
from base64 import b64decode
from datetime import datetime
from email.utils import format_datetime
from typing import Any, Final, Literal, cast

import msgspec
from litestar import Request, Response, delete, get, head, patch, post
from litestar.handlers import BaseRouteHandler, HTTPRouteHandler

from axonml.errors import AxonError, BadRequest, Invalid, TooLarge, UnsupportedMedia
from axonml.http.caller import MODELS_WRITE, PUBLIC, caller_of
from axonml.http.openapi import described
from axonml.http.own_run import FOR_JOBS
from axonml.http.problems import Problem, on_error
from axonml.registry.resumable import Resumable
from axonml.registry.types import VersionMetadata
from axonml.registry.upload_types import Checksum, Upload, UploadPage, WrongProtocol

Call = Request[Any, Any, Any]
_VERSION: Final = "1.0.0"
_UPLOADS: Final = "/api/models/{model_id:str}/uploads"
_UPLOAD: Final = f"{_UPLOADS}/{{upload_id:str}}"
_OCTETS: Final = "application/offset+octet-stream"
_TUS: Final = {"tus-resumable": _VERSION}
_ALGORITHMS: Final = {"sha256": 32, "sha1": 20}
_NUMBER: Final = re.compile(r"[0-9]{1,16}")
_KEY: Final = re.compile(r"[!-+\--~]{1,64}")
_METADATA_BYTES: Final = 64 << 10
_FILENAME_CHARACTERS: Final = 255
_WRITE: Final = {**MODELS_WRITE, **FOR_JOBS}
_PATCH: Final = {**_WRITE, **described(body={_OCTETS: bytes}, problems=(410, 412, 423, 460))}
_decode_metadata: Final = msgspec.json.Decoder(VersionMetadata).decode


class UploadRoutes:
    """Announce, bring, look at and delete an upload."""

    def __init__(self, resumable: Resumable) -> None:
        self._resumable: Final = resumable

    async def create_upload(self, request: Call, model_id: str) -> Response[None]:
        """Announce a file of `Upload-Length` bytes; `Location` takes them.

        `Upload-Metadata` has `filename`, and `metadata`: JSON as of a multipart upload.
        """
        _check_protocol(request)
        size = _number(request, "upload-length")
        filename, metadata = _described(_one(request, "upload-metadata"))
        upload = await self._resumable.create(
            caller_of(request), model_id, size, filename, metadata
        )
        where = f"/api/models/{model_id}/uploads/{upload.id}"
        return Response(None, status_code=201, headers={**_progress(upload), "location": where})

    async def list_uploads(self, request: Call, model_id: str) -> UploadPage:
        """List the model's unfinished uploads, for who may write to it."""
        return UploadPage(await self._resumable.unfinished(caller_of(request), model_id))

    async def get_upload(self, request: Call, model_id: str, upload_id: str) -> Upload:
        """Return an upload: how far it is, and what became of it."""
        return await self._resumable.get(caller_of(request), model_id, upload_id)

    async def head_upload(self, request: Call, model_id: str, upload_id: str) -> Response[None]:
        """Say in `Upload-Offset` how many bytes are there."""
        _check_protocol(request)
        upload = await self._resumable.get(caller_of(request), model_id, upload_id)
        headers = {
            **_progress(upload),
            "upload-length": str(upload.size_bytes),
            "cache-control": "no-store",
        }
        return Response(None, headers=headers)

    async def append_upload(self, request: Call, model_id: str, upload_id: str) -> Response[None]:
        """Append the body at `Upload-Offset`; the last bytes make the version.

        With `Upload-Checksum` (`sha256` or `sha1`, and the digest in base 64) bytes that arrive
        changed are not kept. An empty body at the end of the file asks once more for the version.
        """
        _check_protocol(request)
        if request.content_type[0] != _OCTETS:
            raise UnsupportedMedia(f"send the bytes as {_OCTETS}")
        upload = await self._resumable.append(
            caller_of(request),
            model_id,
            upload_id,
            _number(request, "upload-offset"),
            request.stream(),
            _checksum(_one(request, "upload-checksum")),
        )
        return Response(None, status_code=204, headers=_progress(upload))

    async def delete_upload(self, request: Call, model_id: str, upload_id: str) -> Response[None]:
        """Delete an upload, and the bytes that came."""
        _check_protocol(request)
        await self._resumable.end(caller_of(request), model_id, upload_id)
        return Response(None, status_code=204, headers=_TUS)

    async def upload_abilities(self) -> Response[None]:
        """Say which protocol this is."""
        headers = {
            **_TUS,
            "tus-version": _VERSION,
            "tus-extension": "creation,termination,checksum,expiration",
            "tus-max-size": str(self._resumable.limits.file_bytes),
            "tus-checksum-algorithm": ",".join(_ALGORITHMS),
        }
        return Response(None, status_code=204, headers=headers)

    def handlers(self) -> list[BaseRouteHandler]:
        """Return the route table."""
        kind: dict[str, Any] = {"tags": ["models"], "exception_handlers": {AxonError: _refused}}
        problems = described(problems=(412,))
        return [
            # First: a path without it gets one of Litestar's own.
            HTTPRouteHandler(
                _UPLOADS, http_method=["OPTIONS"], opt=PUBLIC, include_in_schema=False
            )(self.upload_abilities),
            post(_UPLOADS, opt={**_WRITE, **problems}, **kind)(self.create_upload),
            get(_UPLOADS, opt=_WRITE, **kind)(self.list_uploads),
            get(_UPLOAD, opt=_WRITE, **kind)(self.get_upload),
            head(_UPLOAD, opt={**_WRITE, **problems}, **kind)(self.head_upload),
            patch(_UPLOAD, opt=_PATCH, request_max_body_size=None, status_code=204, **kind)(
                self.append_upload
            ),
            delete(_UPLOAD, opt={**_WRITE, **described(problems=(412, 423))}, **kind)(
                self.delete_upload
            ),
        ]


def _refused(request: Call, error: AxonError) -> Response[Problem]:
    answer = on_error(request, error)
    answer.headers.update(_TUS)
    if isinstance(error, WrongProtocol):
        answer.headers["tus-version"] = _VERSION
    return answer


def _progress(upload: Upload) -> dict[str, str]:
    return {
        **_TUS,
        "upload-offset": str(upload.offset),
        "upload-expires": _http_date(upload.expires_at),
    }


def _http_date(moment: datetime) -> str:
    return format_datetime(moment.replace(microsecond=0), usegmt=True)


def _check_protocol(request: Call) -> None:
    if _one(request, "tus-resumable") != _VERSION:
        raise WrongProtocol(f"send the header Tus-Resumable: {_VERSION}")


def _one(request: Call, name: str) -> str:
    """Return the header, empty where it is not there; nobody can mean two."""
    values = request.headers.getall(name, [])
    if len(values) > 1:
        raise BadRequest(f"the header {name} came {len(values)} times")
    return values[0].strip() if values else ""


def _number(request: Call, name: str) -> int:
    text = _one(request, name)
    if not text:
        raise BadRequest(f"send the header {name}: a number of bytes")
    if _NUMBER.fullmatch(text) is None:
        raise BadRequest(f"the header {name} is a number of bytes, not {text[:32]!r}")
    return int(text)


def _described(header: str) -> tuple[str, VersionMetadata]:
    if len(header) > _METADATA_BYTES:
        raise TooLarge(f"the header upload-metadata may have at most {_METADATA_BYTES} bytes")
    pairs: dict[str, bytes] = {}
    for pair in header.split(",") if header else ():
        key, _, value = pair.strip().partition(" ")
        if _KEY.fullmatch(key) is None or key in pairs:
            raise BadRequest("the header upload-metadata is `key base64, key base64, ...`")
        pairs[key] = _base64(value, f"{key} in the header upload-metadata")
    try:
        filename = pairs.get("filename", b"").decode() or "model"
    except UnicodeDecodeError:
        raise Invalid("the filename in upload-metadata is not UTF-8") from None
    if len(filename) > _FILENAME_CHARACTERS:
        raise Invalid(f"the filename has more than {_FILENAME_CHARACTERS} characters")
    try:
        return filename, _decode_metadata(pairs.get("metadata") or b"{}")
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        raise Invalid(f"`metadata` in upload-metadata is not valid: {error}") from None


def _checksum(header: str) -> Checksum | None:
    if not header:
        return None
    algorithm, _, digest = header.partition(" ")
    if algorithm not in _ALGORITHMS:
        raise BadRequest("Upload-Checksum is `sha256` or `sha1`, and the digest in base 64")
    decoded = _base64(digest, "the digest in Upload-Checksum")
    if len(decoded) != _ALGORITHMS[algorithm]:
        raise BadRequest(f"the digest in Upload-Checksum is no {algorithm}")
    return Checksum(cast('Literal["sha256", "sha1"]', algorithm), decoded)


def _base64(text: str, what: str) -> bytes:
    try:
        return b64decode(text.strip(), validate=True)
    except (binascii.Error, ValueError):
        raise BadRequest(f"{what[:100]} is not base 64") from None
