"""Upload of a version in one request: streamed to disk while hashed, and only then listed."""

from collections.abc import AsyncIterator
from typing import Final

import msgspec
from multipart import MultipartError, MultipartSegment, PushMultipartParser

from axonml.errors import BadRequest, Invalid, TooLarge, UnsupportedMedia
from axonml.http.caller import Caller
from axonml.registry.arrivals import Arrival, Arrivals
from axonml.registry.models import Models
from axonml.registry.types import ModelVersion, VersionMetadata
from axonml.storage.protocols import BlobInfo, Blobs

_Event = MultipartSegment | bytes | bytearray | None
_METADATA_BYTES: Final = 1 << 20
_decode_metadata: Final = msgspec.json.Decoder(VersionMetadata).decode


class _Received(msgspec.Struct):
    """What a multipart body held."""

    blob: BlobInfo | None = None
    filename: str = ""
    metadata: VersionMetadata = VersionMetadata()


class Uploads:
    """Turns a multipart body into a version; whatever goes wrong leaves no version and no bytes."""

    def __init__(self, models: Models, arrivals: Arrivals, blobs: Blobs, limit_bytes: int) -> None:
        self._models: Final = models
        self._arrivals: Final = arrivals
        self._blobs: Final = blobs
        self._limit_bytes: Final = limit_bytes

    async def receive(
        self, caller: Caller, model_id: str, boundary: str, body: AsyncIterator[bytes]
    ) -> ModelVersion:
        """Store the part `file` as the model's next version, described by the part `metadata`.

        `boundary` is the multipart body's, empty where the body is none.

        Raises:
            Invalid: no file, a hash that differs from the announced one, a damaged model.
            UnsupportedMedia: the body is not multipart, or the file of no known format.
            TooLarge: the file exceeds the limit.
        """
        model = await self._models.writable(caller, model_id)
        received = _Received()
        try:
            await self._read(boundary, body, received)
        except BaseException:
            if received.blob is not None:
                await self._arrivals.discard(received.blob.sha256)
            raise
        if received.blob is None:
            raise Invalid("the upload has no part `file`", code="no_file")
        arrival = Arrival(received.blob, received.filename, received.metadata)
        return await self._arrivals.accept(caller, model, arrival)

    async def _read(self, boundary: str, body: AsyncIterator[bytes], received: _Received) -> None:
        if not boundary:
            raise UnsupportedMedia("upload a model as multipart/form-data with a part `file`")
        events = _events(PushMultipartParser(boundary), body)
        try:
            async for event in events:
                if isinstance(event, MultipartSegment):
                    await self._read_part(event, events, received)
        except MultipartError as error:
            raise BadRequest(f"the upload is cut or damaged: {error}", code="bad_upload") from None

    async def _read_part(
        self,
        part: MultipartSegment,
        events: AsyncIterator[_Event],
        received: _Received,
    ) -> None:
        content = _content(events)
        match part.name:
            case "file" if received.blob is None:
                received.filename = part.filename or "model"
                received.blob = await self._blobs.put(content, self._limit_bytes)
            case "metadata":
                received.metadata = await _metadata(content)
            case _:
                raise Invalid(
                    f"the upload takes one `file` and `metadata`, not {(part.name or '')[:64]!r}"
                )


async def _events(parser: PushMultipartParser, body: AsyncIterator[bytes]) -> AsyncIterator[_Event]:
    with parser:
        async for chunk in body:
            for event in parser.parse(chunk):
                yield event


async def _content(
    events: AsyncIterator[_Event],
) -> AsyncIterator[bytes]:
    """Yield the bytes of the part that has just begun, up to its end."""
    async for event in events:
        if event is None:
            return
        if not isinstance(event, MultipartSegment):
            yield bytes(event)


async def _metadata(content: AsyncIterator[bytes]) -> VersionMetadata:
    text = bytearray()
    async for piece in content:
        text += piece
        if len(text) > _METADATA_BYTES:
            raise TooLarge(f"the part `metadata` exceeds {_METADATA_BYTES} bytes")
    try:
        return _decode_metadata(text)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        raise Invalid(f"the part `metadata` is not valid: {error}") from None
