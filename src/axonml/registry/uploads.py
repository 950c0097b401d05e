"""Upload of a version: streamed to disk while hashed, inspected, and only then listed."""

import os
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Final

import msgspec
from multipart import MultipartError, MultipartSegment, PushMultipartParser

from axonml.clock import now
from axonml.errors import BadRequest, Invalid, TooLarge, UnsupportedMedia
from axonml.formats.format import Inspection
from axonml.http.caller import Caller
from axonml.http.own_run import check_own
from axonml.ids import RunId, VersionId, new_id
from axonml.registry.models import Models
from axonml.registry.store import RegistryStore
from axonml.registry.types import Model, ModelVersion, VersionMetadata
from axonml.storage.protocols import BlobInfo, Blobs

_Event = MultipartSegment | bytes | bytearray | None
Inspect = Callable[[Path, str], Awaitable[Inspection]]
_METADATA_BYTES: Final = 1 << 20
_decode_metadata: Final = msgspec.json.Decoder(VersionMetadata).decode


class _Received(msgspec.Struct):
    """What a multipart body held."""

    blob: BlobInfo | None = None
    filename: str = ""
    metadata: VersionMetadata = VersionMetadata()


class Uploads:
    """Turns a multipart body into a version; whatever goes wrong leaves no version and no bytes."""

    def __init__(  # one argument for each part it needs
        self,
        models: Models,
        store: RegistryStore,
        blobs: Blobs,
        home: Path,
        inspect: Inspect,
        limit_bytes: int,
    ) -> None:
        self._models: Final = models
        self._store: Final = store
        self._blobs: Final = blobs
        self._home: Final = home
        self._inspect: Final = inspect
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
            blob = _checked(received)
            path = await self._blobs.path(blob.sha256)
            inspection = await self._inspect(path, received.filename)
            return await self._place(caller, model, received, blob, inspection)
        except BaseException:
            await self._discard(received.blob)
            raise

    async def _discard(self, blob: BlobInfo | None) -> None:
        async with self._models.placing:
            if blob is not None and not await self._store.n_with_bytes(blob.sha256):
                await self._blobs.delete(blob.sha256)

    async def _place(
        self,
        caller: Caller,
        model: Model,
        received: _Received,
        blob: BlobInfo,
        inspection: Inspection,
    ) -> ModelVersion:
        if received.metadata.training_run_id is not None:
            check_own(caller, received.metadata.training_run_id)
        taken = await self._store.models.update(
            model.id,
            lambda model: msgspec.structs.replace(
                model, next_version=model.next_version + 1, updated_at=now()
            ),
        )
        number = taken.next_version - 1
        place = Path("models", model.id, f"v{number}", f"model{inspection.suffix}")
        run_id = received.metadata.training_run_id
        version = ModelVersion(
            id=VersionId(new_id()),
            model_id=model.id,
            version=number,
            file_path=str(place),
            file_size=blob.size_bytes,
            sha256=blob.sha256,
            format=inspection.format,
            signature=inspection.signature,
            servable=inspection.servable,
            reason=inspection.reason,
            scan=inspection.scan,
            metrics=received.metadata.metrics,
            config=received.metadata.config,
            description=received.metadata.description,
            training_run_id=None if run_id is None else RunId(run_id),
            created_by=caller.user_id,
            created_at=now(),
        )
        async with self._models.placing:
            _link(await self._blobs.path(blob.sha256), self._home / place)
            await self._store.versions.insert(version)
        return version

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


def _checked(received: _Received) -> BlobInfo:
    blob, announced = received.blob, received.metadata.sha256
    if blob is None:
        raise Invalid("the upload has no part `file`", code="no_file")
    if announced not in {None, blob.sha256}:
        raise Invalid(
            f"the file arrived with SHA-256 {blob.sha256}, not {announced}; send it again",
            code="hash_differs",
        )
    return blob


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


def _link(source: Path, place: Path) -> None:
    """Show the blob's bytes under a readable name without storing them twice."""
    place.parent.mkdir(parents=True, exist_ok=True)
    place.unlink(missing_ok=True)
    try:
        os.link(source, place)
    except OSError:  # another file system, or one without hard links
        place.symlink_to(source)
