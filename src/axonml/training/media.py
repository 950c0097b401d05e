"""Rich values and files of a run: checked while they arrive, stored once, then shown."""

import asyncio
import hashlib
import re
from collections.abc import AsyncIterator, Callable
from itertools import groupby
from operator import attrgetter
from typing import Final

import msgspec

from axonml.clock import as_datetime, now_ms
from axonml.errors import Invalid, NotFound, TooLarge, Unavailable
from axonml.ids import RunId, new_id
from axonml.live import Live
from axonml.storage.protocols import BlobInfo, Blobs
from axonml.training.media_content import (
    HEAD,
    OCTETS,
    TAIL,
    check_key,
    check_table,
    check_text,
    histogram_of,
    picture_of,
    type_of,
)
from axonml.training.media_store import MediaStore
from axonml.training.media_types import (
    Artifact,
    HistogramAnswer,
    MediaId,
    MediaItem,
    MediaKind,
    MediaMeta,
)
from axonml.training.messages import log_topic, media_message

MAX_ITEMS: Final = 200_000
MAX_RUN_BYTES: Final = 1 << 40
_SHARED_ROWS: Final = 500
# An item's bytes; a file may have as many as an upload to the registry.
LIMITS: Final = {
    MediaKind.IMAGE: 32 << 20,
    MediaKind.HISTOGRAM: 64 << 10,
    MediaKind.TABLE: 8 << 20,
    MediaKind.TEXT: 4 << 20,
}
_TYPES: Final = {
    MediaKind.HISTOGRAM: "application/json",
    MediaKind.TABLE: "application/json",
    MediaKind.TEXT: "text/plain; charset=utf-8",
}
_ARTIFACT: Final = re.compile(r"[A-Za-z0-9_][A-Za-z0-9._-]{0,127}")
_ARTIFACT_OF: Final = attrgetter("meta.artifact")
_BATCH_OF: Final = attrgetter("meta.batch")
_BATCH: Final = re.compile(r"[0-9A-Za-z]{1,32}")


class NewMedia(msgspec.Struct, frozen=True, kw_only=True):
    """What a request says of the bytes that it brings; `wall_ms` None is now."""

    kind: MediaKind
    key: str
    step: int = 0
    wall_ms: int | None = None
    meta: MediaMeta = MediaMeta()
    sha256: str | None = None


class Media:
    """Accepts rich values and files; the bytes are checked and durable before anybody sees them.

    `placing` is held where bytes are counted and freed: the registry shares the blobs.
    """

    def __init__(
        self,
        store: MediaStore,
        blobs: Blobs,
        live: Live,
        placing: asyncio.Lock,
        max_file_bytes: int,
    ) -> None:
        self._store: Final = store
        self._blobs: Final = blobs
        self._live: Final = live
        self._placing: Final = placing
        self._limits: Final = {**LIMITS, MediaKind.FILE: max_file_bytes}

    async def add(self, run: RunId, new: NewMedia, body: AsyncIterator[bytes]) -> MediaItem:
        """Store one item and show it; the same item again changes nothing.

        Raises:
            Invalid: a bad name, content that is not of its kind, a hash that differs.
            TooLarge: the item, or with it the run, exceeds its limit.
            UnsupportedMedia: an image of a type that pages do not show.
        """
        _check(new)
        n_items, n_bytes = await self._store.totals(run)
        if n_items >= MAX_ITEMS or n_bytes >= MAX_RUN_BYTES:
            said = f"a run keeps {MAX_ITEMS} values and files, and {MAX_RUN_BYTES >> 40} TiB"
            raise TooLarge(f"{said}; this one is full", code="run_full")
        if new.kind is MediaKind.HISTOGRAM:
            return await self._add_histogram(run, new, body)
        blob, content_type, meta = await self._receive(new, body)
        try:
            _check_hash(new, blob)
            item = await self._place(_item(run, new, blob, content_type, meta))
        except BaseException:
            await self._free([blob.sha256])
            raise
        self._announce(item)
        return item

    async def forget(self, run: RunId) -> None:
        """Delete all that a run logged here, and the bytes that nothing else has."""
        await self._free(await self._store.delete_run(run))

    async def share(self, run: RunId, other: RunId, step: int) -> None:
        """Give another run what a run logged up to a step; the bytes stay where they are, once.

        They are kept for as long as one of the two is there. A repeat changes nothing.
        """
        last = ""
        while True:
            # Nobody frees the bytes between the reading of a row and the writing of its copy.
            async with self._placing:
                last = await self._store.share(run, other, step, last, _SHARED_ROWS)
            if not last:
                return

    async def item(self, run: RunId, media_id: str) -> MediaItem:
        """Return one item of a run."""
        found = await self._store.get(run, media_id)
        if found is None:
            raise NotFound(f"the run has no value or file {media_id[:64]}", code="media_not_found")
        return found

    async def histogram_text(self, media_id: MediaId) -> str:
        """Return a histogram as JSON."""
        return await self._store.data(media_id)

    async def histograms(
        self, run: RunId, key: str, window: tuple[int, int], limit: int
    ) -> HistogramAnswer:
        """Return at most about `limit` histograms of a name over the window of steps."""
        n_steps, found = await self._store.histograms(run, key, window, limit)
        return HistogramAnswer(
            key=key,
            n_steps=n_steps,
            step=[step for step, _ in found],
            counts=[one.counts for _, one in found],
            edges=[one.edges for _, one in found],
            n_nan=[one.n_nan for _, one in found],
            n_infinite=[one.n_infinite for _, one in found],
        )

    async def files(self, run: RunId) -> list[MediaItem]:
        """Return the newest file of each path, by path."""
        rows = await self._store.files(run, of_artifacts=False)
        newest = {row.key: row for row in rows}
        return [newest[path] for path in sorted(newest)]

    async def artifacts(self, run: RunId) -> list[Artifact]:
        """Return the artifacts of a run, by name, newest version first."""
        rows = await self._store.files(run, of_artifacts=True)
        found: list[Artifact] = []
        for name, of_name in groupby(sorted(rows, key=_ARTIFACT_OF), _ARTIFACT_OF):
            # The script makes the batch's id when it logs: they sort by that time.
            batches = groupby(sorted(of_name, key=_BATCH_OF), _BATCH_OF)
            versions = [
                _artifact(name, number, list(batch)) for number, (_, batch) in enumerate(batches, 1)
            ]
            found += reversed(versions)
        return found

    async def artifact(self, run: RunId, name: str, version: int) -> Artifact:
        """Return one version of an artifact."""
        for artifact in await self.artifacts(run):
            if (artifact.name, artifact.version) == (name, version):
                return artifact
        raise NotFound(f"the run has no artifact {name[:64]} v{version}", code="artifact_not_found")

    async def _add_histogram(
        self, run: RunId, new: NewMedia, body: AsyncIterator[bytes]
    ) -> MediaItem:
        content = await _whole(body, self._limits[new.kind])
        text = msgspec.json.encode(histogram_of(content)).decode()
        blob = BlobInfo(hashlib.sha256(content).hexdigest(), len(content))
        _check_hash(new, blob)
        item = _item(run, new, blob, _TYPES[new.kind], new.meta)
        item = await self._store.insert(item, text)
        self._announce(item)
        return item

    async def _place(self, item: MediaItem) -> MediaItem:
        async with self._placing:
            if await self._blobs.head(item.sha256) is None:  # freed by a delete just now
                raise Unavailable("the bytes were freed meanwhile; send them again")
            return await self._store.insert(item)

    async def _receive(
        self, new: NewMedia, body: AsyncIterator[bytes]
    ) -> tuple[BlobInfo, str, MediaMeta]:
        """Store the bytes; return them with what they are."""
        limit = self._limits[new.kind]
        match new.kind:
            case MediaKind.TABLE | MediaKind.TEXT:
                content = await _whole(body, limit)
                check = check_table if new.kind is MediaKind.TABLE else check_text
                await asyncio.to_thread(check, content)
                return await self._blobs.put(_once(content), limit), _TYPES[new.kind], new.meta
            case MediaKind.IMAGE:
                content = await _whole(body, limit)
                picture = picture_of(content[:HEAD], content[-TAIL:])
                meta = msgspec.structs.replace(new.meta, width=picture.width, height=picture.height)
                return await self._blobs.put(_once(content), limit), picture.content_type, meta
            case MediaKind.FILE | MediaKind.HISTOGRAM:
                head = bytearray()
                blob = await self._blobs.put(_heard(body, head.extend), limit)
                return blob, type_of(bytes(head[:HEAD])), new.meta

    async def _free(self, hashes: list[str]) -> None:
        for sha256 in hashes:
            async with self._placing:
                if not await self._store.is_used(sha256):
                    await self._blobs.delete(sha256)

    def _announce(self, item: MediaItem) -> None:
        self._live.publish(
            log_topic(item.run), 0, lambda: media_message(item.run, item.kind, item.key, item.step)
        )


def _check(new: NewMedia) -> None:
    check_key(new.key, is_path=new.kind is MediaKind.FILE)
    if not new.meta.artifact and not new.meta.batch:
        return
    if new.kind is not MediaKind.FILE or not _ARTIFACT.fullmatch(new.meta.artifact):
        raise Invalid("an artifact has files, and a name of letters, digits, `.`, `_` and `-`")
    if not _BATCH.fullmatch(new.meta.batch):
        raise Invalid("a file of an artifact has the `batch` of its version, letters and digits")


def _check_hash(new: NewMedia, blob: BlobInfo) -> None:
    if new.sha256 not in {None, blob.sha256}:
        raise Invalid(
            f"the bytes arrived with SHA-256 {blob.sha256}, not as announced; send them again",
            code="hash_differs",
        )


def _item(
    run: RunId, new: NewMedia, blob: BlobInfo, content_type: str, meta: MediaMeta
) -> MediaItem:
    return MediaItem(
        id=MediaId(new_id()),
        run=run,
        kind=new.kind,
        key=new.key,
        step=new.step,
        timestamp=as_datetime(now_ms() if new.wall_ms is None else new.wall_ms),
        sha256=blob.sha256,
        size_bytes=blob.size_bytes,
        content_type=content_type or OCTETS,
        meta=meta,
    )


def _artifact(name: str, version: int, files: list[MediaItem]) -> Artifact:
    expected = max(file.meta.n_files for file in files)
    return Artifact(
        name=name,
        type=files[0].meta.artifact_type,
        version=version,
        created_at=min(file.timestamp for file in files),
        n_files=max(expected, len(files)),
        size_bytes=sum(file.size_bytes for file in files),
        is_complete=len(files) >= expected,
        files=sorted(files, key=attrgetter("key")),
    )


async def _whole(body: AsyncIterator[bytes], limit_bytes: int) -> bytes:
    gathered = bytearray()
    async for chunk in body:
        gathered += chunk
        if len(gathered) > limit_bytes:
            raise TooLarge(f"a value of this kind may have {limit_bytes} bytes; log it as a file")
    return bytes(gathered)


async def _once(content: bytes) -> AsyncIterator[bytes]:
    yield content


async def _heard(
    body: AsyncIterator[bytes], hear: Callable[[bytes], object]
) -> AsyncIterator[bytes]:
    """Yield the body on; `hear` gets its beginning."""
    n_heard = 0
    async for chunk in body:
        if n_heard < HEAD:
            _ = hear(chunk[: HEAD - n_heard])
            n_heard += len(chunk)
        yield chunk
