"""Blobs in an S3-compatible store: one object each, named by its SHA-256, with a cache of files.

Bytes land on this machine first, where they are hashed and inspected anyway; an object is there
whole or not at all, as S3 promises for single and multipart uploads. What a process opens is a file
of the cache, which keeps the blobs used last.
"""

import asyncio
import os
from collections.abc import AsyncIterator, Generator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Final, Self

import obstore
from obstore.exceptions import BaseError
from obstore.store import S3Store

from axonml.errors import NotFound, StartupError, Unavailable
from axonml.storage.blobs.local import LocalBlobs
from axonml.storage.protocols import BlobInfo

if TYPE_CHECKING:
    from obstore import BytesStream
    from obstore.store import S3Config

_SCHEME: Final = "s3://"
_MARK: Final = "axonml.txt"
_MARK_TEXT: Final = b"Files of AxonML Dashboard. Each is named by the SHA-256 of its bytes.\n"
_READ: Final = 8 << 20
_PART: Final = 16 << 20
_PARALLEL: Final = 4
# Somebody may be about to open a file that was asked for just now.
_YOUNG_S: Final = 600.0
# The library raises Python's own errors for an absent object and a lack of rights.
_FAILURES: Final = (BaseError, PermissionError)


class ObjectBlobs:
    """`Blobs` under a prefix of a bucket; `cache` has copies of at most `cache_bytes`."""

    def __init__(self, store: S3Store, cache: LocalBlobs, cache_bytes: int, place: str) -> None:
        self._store: Final = store
        self._cache: Final = cache
        self._cache_bytes: Final = cache_bytes
        self._place: Final = place
        self._fetching: Final[dict[str, asyncio.Lock]] = {}

    @classmethod
    async def opened(
        cls, url: str, endpoint: str, region: str, folder: Path, cache_bytes: int
    ) -> Self:
        """Return the store at `s3://bucket/prefix`, once it has taken and given a small object.

        Credentials are those of the environment (`AWS_ACCESS_KEY_ID`, ...) or of the machine.

        Raises:
            StartupError: it cannot be used; says why, and what to do.
        """
        store = _connected(url, endpoint, region)
        try:
            _ = await obstore.put_async(store, _MARK, _MARK_TEXT)
            _ = await (await obstore.get_async(store, _MARK)).bytes_async()
        except (*_FAILURES, FileNotFoundError) as error:
            raise StartupError(
                f"cannot use {url} for files: {_said(error)}; mend [storage] blobs and"
                " blobs_endpoint, the bucket, or the credentials (AWS_ACCESS_KEY_ID and"
                " AWS_SECRET_ACCESS_KEY)"
            ) from None
        return cls(store, LocalBlobs(folder), cache_bytes, url)

    async def put(self, chunks: AsyncIterator[bytes], limit_bytes: int) -> BlobInfo:
        """Store a stream while hashing it; see `Blobs.put`."""
        blob = await self._cache.put(chunks, limit_bytes)
        try:
            await self._send(await self._cache.path(blob.sha256), blob.sha256)
        except BaseException:
            await self._cache.delete(blob.sha256)
            raise
        await self._trim(blob.sha256)
        return blob

    async def take(self, file: Path, blob: BlobInfo) -> None:
        """Send the file's bytes to the store; see `Blobs.take`."""
        await self._send(file, blob.sha256)
        await self._cache.take(file, blob)
        await self._trim(blob.sha256)

    async def head(self, sha256: str) -> BlobInfo | None:
        """Return the object's size, or None where it is not there."""
        if not LocalBlobs.is_name(sha256):
            return None
        try:
            with self._failures():
                found = await obstore.head_async(self._store, sha256)
        except FileNotFoundError:
            return None
        return BlobInfo(sha256, found["size"])

    async def path(self, sha256: str) -> Path:
        """Return a file with the blob's bytes, fetched and checked where it is not here.

        Raises:
            NotFound: there is no such blob.
            Unavailable: the store does not answer, or what it gave is not what was stored.
        """
        lock = self._fetching.setdefault(sha256, asyncio.Lock())
        try:
            async with lock:  # who else asks meanwhile waits for the one that fetches
                found = await self.here(sha256)
                if found is None:
                    await self._fetch(sha256)
                    found = await self._cache.path(sha256)
        finally:
            if not lock.locked():
                _ = self._fetching.pop(sha256, None)
        await self._trim(sha256)
        return found

    async def here(self, sha256: str) -> Path | None:
        """Return the file of the cache; None where there is none."""
        found = await self._cache.here(sha256)
        if found is not None:
            os.utime(found)  # used just now
        return found

    async def read(self, sha256: str, first: int, end: int) -> AsyncIterator[bytes]:
        """Yield the bytes from `first` up to `end`."""
        if await self.here(sha256) is not None:
            async for block in self._cache.read(sha256, first, end):
                yield block
            return
        if await self.head(sha256) is None:
            raise _missing(sha256)
        while first < end:
            upto = min(first + _READ, end)
            with self._failures():
                block = bytes(
                    await obstore.get_range_async(self._store, sha256, start=first, end=upto)
                )
            if not block:
                return
            first += len(block)
            yield block

    async def show(self, sha256: str, place: Path) -> None:
        """Show nothing: the cache comes and goes."""

    async def delete(self, sha256: str) -> None:
        """Free the bytes; a repeat is a no-op."""
        if not LocalBlobs.is_name(sha256):
            return
        try:
            with self._failures():
                await obstore.delete_async(self._store, sha256)
        except FileNotFoundError:
            pass
        await self._cache.delete(sha256)

    async def _send(self, file: Path, sha256: str) -> None:
        there = await self.head(sha256)
        if there is not None and there.size_bytes == (await asyncio.to_thread(file.stat)).st_size:
            return
        with self._failures():
            _ = await obstore.put_async(
                self._store, sha256, file, chunk_size=_PART, max_concurrency=_PARALLEL
            )

    async def _fetch(self, sha256: str) -> None:
        if not LocalBlobs.is_name(sha256):
            raise _missing(sha256)
        try:
            with self._failures():
                found = await obstore.get_async(self._store, sha256)
                size = found.meta["size"]
                came = await self._cache.put(_bytes_of(found.stream(_READ)), size)
        except FileNotFoundError:
            raise _missing(sha256) from None
        if came.sha256 != sha256:
            await self._cache.delete(came.sha256)
            raise Unavailable(
                f"the object {sha256[:12]} in {self._place} is not what was stored there; restore"
                " it from a backup of the bucket, or upload the file again",
                code="blob_damaged",
            )

    async def _trim(self, keeping: str) -> None:
        """Delete the files of the cache that were used longest ago, down to its limit."""
        await asyncio.to_thread(self._cache.trim, self._cache_bytes, keeping, _YOUNG_S)

    @contextmanager
    def _failures(self) -> Generator[None]:
        try:
            yield
        except FileNotFoundError:
            raise
        except _FAILURES as error:
            raise Unavailable(
                f"the store of files {self._place} does not do its work: {_said(error)}",
                code="blobs_unavailable",
                retry_after_s=5,
            ) from None


async def _bytes_of(stream: "BytesStream") -> AsyncIterator[bytes]:
    async for block in stream:
        yield bytes(block)


def _connected(url: str, endpoint: str, region: str) -> S3Store:
    bucket, _, prefix = url.removeprefix(_SCHEME).partition("/")
    if not url.startswith(_SCHEME) or not bucket:
        raise StartupError(f"[storage] blobs = {url!r}: write s3://BUCKET or s3://BUCKET/PREFIX")
    # One object at a time: some stores lack the call for many.
    given: S3Config = {"region": region, "disable_bulk_delete": True}
    if endpoint:
        given["endpoint"] = endpoint
    try:
        return S3Store(
            bucket,
            prefix=prefix.strip("/") or None,
            config=given,
            client_options={
                "allow_http": endpoint.startswith("http://"),
                "connect_timeout": timedelta(seconds=5),
                "timeout": timedelta(minutes=10),
            },
            retry_config={"max_retries": 3, "retry_timeout": timedelta(seconds=20)},
        )
    except (BaseError, ValueError) as error:
        raise StartupError(f"[storage] blobs = {url!r} cannot be used: {_said(error)}") from None


def _missing(sha256: str) -> NotFound:
    return NotFound(f"the bytes {sha256[:12]} are not in the store", code="blob_not_found")


def _said(error: Exception) -> str:
    """Return the first line of what the library says; it names no secret."""
    return str(error).strip().partition("\n")[0][:300]
