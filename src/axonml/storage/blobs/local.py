"""Blobs in the data folder: `blobs/sha256/ab/cdef...`, written beside and renamed."""

import asyncio
import errno
import hashlib
import os
import re
from collections.abc import AsyncIterator
from pathlib import Path
from typing import BinaryIO, Final

from axonml.errors import NotFound, StorageFull, TooLarge
from axonml.ids import new_id
from axonml.storage.protocols import BlobInfo

_BLOCK: Final = 1 << 20
_NAME: Final = re.compile(r"[0-9a-f]{64}")


class LocalBlobs:
    """`Blobs` in a folder; every name on disk is made here, none comes from a client."""

    def __init__(self, folder: Path) -> None:
        self._folder: Final = folder / "sha256"
        self._parts: Final = folder / "parts"
        self._parts.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        for left_over in self._parts.iterdir():
            left_over.unlink()
        sync_folder(folder)

    async def put(self, chunks: AsyncIterator[bytes], limit_bytes: int) -> BlobInfo:
        """Store a stream while hashing it; see `Blobs.put`."""
        part = self._parts / new_id()
        try:
            with part.open("xb") as file:
                info = await _write(file, chunks, limit_bytes)
                await asyncio.to_thread(os.fsync, file.fileno())
            await asyncio.to_thread(self._keep, part, info.sha256)
        except OSError as error:
            if error.errno in {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}:
                raise StorageFull("the disk is full; free space and upload again") from None
            raise
        finally:
            part.unlink(missing_ok=True)
        return info

    async def head(self, sha256: str) -> BlobInfo | None:
        """Return the blob's size, or None where it is not there."""
        place = self._place(sha256)
        try:
            return None if place is None else BlobInfo(sha256, place.stat().st_size)
        except FileNotFoundError:
            return None

    async def path(self, sha256: str) -> Path:
        """Return the file with the blob's bytes."""
        place = self._place(sha256)
        if place is None or not place.is_file():
            raise NotFound(f"the bytes {sha256[:12]} are not in the store", code="blob_not_found")
        return place

    async def delete(self, sha256: str) -> None:
        """Free the bytes; a repeat is a no-op."""
        place = self._place(sha256)
        if place is not None:  # a file of gigabytes takes the file system a while to free
            await asyncio.to_thread(place.unlink, missing_ok=True)

    def _place(self, sha256: str) -> Path | None:
        """Return where the blob stands; None for what is no SHA-256, whoever sent it."""
        is_name = _NAME.fullmatch(sha256) is not None
        return self._folder / sha256[:2] / sha256[2:] if is_name else None

    def _keep(self, part: Path, sha256: str) -> None:
        """Give the finished part its name, durably."""
        place = self._folder / sha256[:2] / sha256[2:]
        place.parent.mkdir(mode=0o700, exist_ok=True)
        _ = part.replace(place)
        sync_folder(place.parent)
        sync_folder(self._folder)


def sync_folder(folder: Path) -> None:
    """Make the folder's entries survive a power cut."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


async def _write(file: BinaryIO, chunks: AsyncIterator[bytes], limit_bytes: int) -> BlobInfo:
    digest, size = hashlib.sha256(), 0

    def keep(block: bytes) -> None:
        digest.update(block)
        _ = file.write(block)

    gathered = bytearray()
    async for chunk in chunks:
        size += len(chunk)
        if size > limit_bytes:
            raise TooLarge(
                f"the file exceeds the limit of {limit_bytes} bytes", code="file_too_large"
            )
        gathered += chunk
        if len(gathered) >= _BLOCK:
            await asyncio.to_thread(keep, bytes(gathered))
            gathered.clear()
    await asyncio.to_thread(keep, bytes(gathered))
    file.flush()
    return BlobInfo(digest.hexdigest(), size)
