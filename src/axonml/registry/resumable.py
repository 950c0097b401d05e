"""Resumable uploads: bytes that come in parts, over days and restarts, and become a version."""

import asyncio
import secrets
import shutil
from collections.abc import AsyncIterator, Generator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import msgspec
import structlog

from axonml.clock import as_datetime, now_ms
from axonml.errors import Gone, Invalid, StorageFull, TooLarge, TooMany, UnsupportedMedia
from axonml.http.caller import Caller
from axonml.http.decode import cut_off
from axonml.http.own_run import check_own
from axonml.registry.arrivals import Arrival, Arrivals
from axonml.registry.models import Models
from axonml.registry.part import Part
from axonml.registry.store import RegistryStore
from axonml.registry.types import Model, ModelVersion, VersionMetadata
from axonml.registry.upload_store import UploadStore
from axonml.registry.upload_types import (
    Busy,
    Checksum,
    Refused,
    StoredUpload,
    Upload,
    UploadProblem,
    UploadState,
    WrongOffset,
)
from axonml.storage.protocols import BlobInfo, Statement

_HOUR_MS: Final = 3_600_000
_LOOK_EVERY_S: Final = 60.0
# Of a connection that has died nobody may tell us; its upload must not stay locked.
_SILENT_S: Final = 30.0
_log: Final = structlog.stdlib.get_logger("axonml.registry")


class UploadLimits(msgspec.Struct, frozen=True):
    """A file's bytes, unfinished uploads of one account and of all, and hours until one expires."""

    file_bytes: int
    per_account: int
    in_all: int
    hours: float


class _Hold:
    """One request's claim on an upload; `until` ends it when nothing comes."""

    def __init__(self) -> None:
        self.until: asyncio.Timeout | None = None
        self.is_ended = False
        self.released: Final = asyncio.Event()

    def end(self) -> bool:
        """Break off the bytes that come; tell whether any do."""
        if self.until is None:
            return False
        self.is_ended = True
        self.until.reschedule(asyncio.get_running_loop().time())
        return True

    async def heard(self, chunks: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
        """Yield the chunks; one that does not come in time, or `end`, ends in a TimeoutError."""
        until, clock = self.until, asyncio.get_running_loop().time
        async for chunk in chunks:
            if until is not None:
                until.reschedule(None)  # a slow disk is not a silent client
            yield chunk
            if self.is_ended:
                raise TimeoutError
            if until is not None:
                until.reschedule(clock() + _SILENT_S)


class Resumable:
    """Owns the unfinished uploads: their files in `folder`, and the task that ends old ones.

    An upload's offset is the size of its file. The last byte makes the version, in the same
    request; where that request did not come to its end, an empty one at the end of the file does.
    """

    def __init__(  # one argument for each dependency
        self,
        models: Models,
        arrivals: Arrivals,
        registry: RegistryStore,
        store: UploadStore,
        folder: Path,
        limits: UploadLimits,
    ) -> None:
        self._models: Final = models
        self._arrivals: Final = arrivals
        self._registry: Final = registry
        self._store: Final = store
        self._folder: Final = folder
        self.limits: Final = limits
        self._parts: Final[dict[str, Part]] = {}
        self._held: Final[dict[str, _Hold]] = {}
        self._creating: Final = asyncio.Lock()
        self._task: asyncio.Task[None] | None = None
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)

    def open(self) -> None:
        """Begin to end expired uploads, now and every minute; `close` ends that."""
        self._task = asyncio.create_task(self._look(), name="uploads")

    async def close(self) -> None:
        """End the task."""
        if self._task is not None:
            _ = self._task.cancel()
            _ = await asyncio.gather(self._task, return_exceptions=True)

    async def create(
        self,
        caller: Caller,
        model_id: str,
        size_bytes: int,
        filename: str,
        metadata: VersionMetadata,
    ) -> Upload:
        """Announce a file of `size_bytes`; its bytes come with `append`.

        Raises:
            TooLarge: beyond the limit of a file.
            TooMany: the account, or the server, has as many unfinished uploads as it may.
            StorageFull: the disk has no room for it now.
        """
        model = await self._models.writable(caller, model_id)
        if metadata.training_run_id is not None:
            check_own(caller, metadata.training_run_id)
        if size_bytes == 0:
            raise Invalid("the file is empty", code="damaged_file")
        if size_bytes > self.limits.file_bytes:
            raise TooLarge(
                f"the file exceeds the limit of {self.limits.file_bytes} bytes",
                code="file_too_large",
            )
        if shutil.disk_usage(self._folder).free < size_bytes:
            raise StorageFull("the disk has no room for this file; free space and upload again")
        at = now_ms()
        stored = StoredUpload(
            id=secrets.token_hex(16),
            model_id=model.id,
            user_id=caller.user_id,
            filename=filename,
            size_bytes=size_bytes,
            metadata=metadata,
            created_ms=at,
            expires_ms=at + self._ttl_ms,
        )
        async with self._creating:
            await self._check_number(caller)
            await self._store.uploads.insert(stored)
        return await self._shown(stored)

    async def unfinished(self, caller: Caller, model_id: str) -> list[Upload]:
        """Return the model's unfinished uploads, newest first, to who may write to it."""
        model = await self._models.writable(caller, model_id)
        return [await self._shown(stored) for stored in await self._store.open_of(model.id)]

    async def get(self, caller: Caller, model_id: str, upload_id: str) -> Upload:
        """Return an upload, also a finished one until it expires."""
        return await self._shown((await self._required(caller, model_id, upload_id))[1])

    async def append(  # one argument for each header
        self,
        caller: Caller,
        model_id: str,
        upload_id: str,
        offset: int,
        chunks: AsyncIterator[bytes],
        checksum: Checksum | None,
    ) -> Upload:
        """Append bytes that begin at `offset`; the last ones make the version.

        Raises:
            WrongOffset: the upload has another number of bytes.
            Busy: another request brings bytes, or it is being checked.
            Invalid: the whole file is damaged, or has another hash than was announced.
            UnsupportedMedia: the whole file is of no known format.
        """
        model, stored = await self._required(caller, model_id, upload_id)
        with self._holding(stored.id) as hold:
            # Another request may have ended it while this one came to hold it.
            stored = await self._store.uploads.require(stored.id)
            if stored.problem is not None:
                raise Refused(stored.problem)
            part = await self._part(stored)
            there = stored.size_bytes if stored.state is UploadState.DONE else part.offset
            if offset != there:
                raise WrongOffset(
                    f"{there} bytes are there, not {offset}; ask with HEAD, and go on at them"
                )
            if stored.state is UploadState.DONE:
                return await self._shown(stored)
            if offset < stored.size_bytes:
                stored = await self._receive(stored, part, chunks, checksum, hold)
            if part.offset == stored.size_bytes:
                stored = await self._finish(caller, model, stored, part)
            return await self._shown(stored)

    async def end(self, caller: Caller, model_id: str, upload_id: str) -> None:
        """Delete an upload and its bytes; a request that is bringing some ends first.

        Raises:
            Busy: all bytes are there and being checked.
        """
        _, stored = await self._required(caller, model_id, upload_id)
        hold = self._held.get(stored.id)
        if hold is not None and hold.end():
            _ = await hold.released.wait()
        await self._remove(stored)

    async def sweep(self) -> int:
        """Delete uploads that expired or have no model, and files of none; return how many."""
        files = _names_in(self._folder)
        n_removed = 0
        for stored in await self._store.over(now_ms()):
            if stored.id not in self._held:
                await self._remove(stored)
                n_removed += 1
        for name in files - await self._store.unfinished() - self._held.keys():
            self._forget(name)
        return n_removed

    @property
    def _ttl_ms(self) -> int:
        return int(self.limits.hours * _HOUR_MS)

    async def _check_number(self, caller: Caller) -> None:
        own, in_all = await self._store.n_open(caller.user_id)
        if own >= self.limits.per_account or in_all >= self.limits.in_all:
            whose = "you have" if own >= self.limits.per_account else "this server has"
            raise TooMany(
                f"{whose} as many unfinished uploads as may be; finish or cancel one first",
                code="too_many_uploads",
                retry_after_s=60,
            )

    async def _required(
        self, caller: Caller, model_id: str, upload_id: str
    ) -> tuple[Model, StoredUpload]:
        model = await self._models.writable(caller, model_id)
        stored = await self._store.uploads.get(upload_id)
        if stored is None or stored.model_id != model.id:
            raise self._store.uploads.missing(upload_id)
        return model, stored

    @contextmanager
    def _holding(self, upload_id: str) -> Generator[_Hold]:
        if upload_id in self._held:
            raise Busy("another request is bringing bytes of this upload; try again in a moment")
        hold = self._held[upload_id] = _Hold()
        try:
            yield hold
        finally:
            del self._held[upload_id]
            hold.released.set()

    async def _part(self, stored: StoredUpload) -> Part:
        part = self._parts.get(stored.id)
        if part is None:
            path = self._folder / stored.id
            part = await asyncio.to_thread(Part.opened, path, stored.floor)
            self._parts[stored.id] = part
        return part

    async def _receive(
        self,
        stored: StoredUpload,
        part: Part,
        chunks: AsyncIterator[bytes],
        checksum: Checksum | None,
        hold: _Hold,
    ) -> StoredUpload:
        stored = msgspec.structs.replace(stored, expires_ms=now_ms() + self._ttl_ms, floor=None)
        if checksum is not None:
            stored = msgspec.structs.replace(stored, floor=part.offset)
        stored = await self._store.replace(stored)
        left = stored.size_bytes - part.offset
        try:
            async with asyncio.timeout(_SILENT_S) as hold.until:
                await part.append(hold.heard(chunks), left, checksum)
        except TimeoutError:
            if hold.is_ended:
                raise Gone("this upload was deleted", code="upload_deleted") from None
            raise cut_off() from None
        finally:
            hold.until = None
            if stored.floor is not None:
                stored = await self._store.replace(msgspec.structs.replace(stored, floor=None))
        return stored

    async def _finish(
        self, caller: Caller, model: Model, stored: StoredUpload, part: Part
    ) -> StoredUpload:
        stored = await self._store.replace(
            msgspec.structs.replace(stored, state=UploadState.CHECKING, sha256=part.sha256)
        )
        blob = BlobInfo(part.sha256, stored.size_bytes)
        arrival = Arrival(blob, stored.filename, stored.metadata, part.path)
        done = stored

        def noting(version: ModelVersion) -> Sequence[Statement]:
            nonlocal done
            done = msgspec.structs.replace(stored, state=UploadState.DONE, version_id=version.id)
            return self._store.replacing(done)

        try:
            _ = await self._arrivals.accept(caller, model, arrival, noting)
        except (Invalid, UnsupportedMedia) as error:
            problem = UploadProblem(error.status, error.problem_code, error.detail)
            _ = await self._store.replace(
                msgspec.structs.replace(stored, state=UploadState.FAILED, problem=problem)
            )
            self._forget(stored.id)
            raise
        self._forget(stored.id)
        return done

    async def _remove(self, stored: StoredUpload) -> None:
        with self._holding(stored.id):
            self._forget(stored.id)
            _ = await self._store.uploads.delete(stored.id)
            if stored.sha256 is not None and stored.state is UploadState.CHECKING:
                await self._arrivals.discard(stored.sha256)

    def _forget(self, upload_id: str) -> None:
        _ = self._parts.pop(upload_id, None)
        (self._folder / upload_id).unlink(missing_ok=True)

    def _offset(self, stored: StoredUpload) -> int:
        if stored.state in {UploadState.DONE, UploadState.FAILED}:
            return stored.size_bytes
        part = self._parts.get(stored.id)
        if part is not None:
            return part.offset
        try:
            there = (self._folder / stored.id).stat().st_size
        except FileNotFoundError:
            return 0
        return there if stored.floor is None else min(there, stored.floor)

    async def _shown(self, stored: StoredUpload) -> Upload:
        state = stored.state
        if state is UploadState.CHECKING and stored.id not in self._held:
            state = UploadState.RECEIVING  # the request that checked it broke off
        version = None
        if stored.version_id is not None:
            version = await self._registry.versions.get(stored.version_id)
        return Upload(
            id=stored.id,
            model_id=stored.model_id,
            filename=stored.filename,
            size_bytes=stored.size_bytes,
            offset=self._offset(stored),
            sha256=stored.metadata.sha256,
            created_at=as_datetime(stored.created_ms),
            expires_at=as_datetime(stored.expires_ms),
            status=state,
            version=version,
            problem=stored.problem,
        )

    async def _look(self) -> None:
        while True:
            # A full disk today must not end the task: it is what a sweep helps against.
            (done,) = await asyncio.gather(self.sweep(), return_exceptions=True)
            if isinstance(done, BaseException):
                _log.warning("could not end expired uploads", error=repr(done))
            elif done:
                _log.info("ended expired uploads", n_uploads=done)
            await asyncio.sleep(_LOOK_EVERY_S)


def _names_in(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir()}
