"""Blobs in the data folder: `blobs/sha256/ab/cdef...`, written beside and renamed."""

import asyncio
import hashlib
import os
import re
import shutil
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Final

from axonml.clock import now_ms
from axonml.errors import NotFound
from axonml.ids import new_id
from axonml.storage.intake import disk_errors, pour, sync_folder, write_whole
from axonml.storage.protocols import BlobInfo

_READ: Final = 1 << 20
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

    @staticmethod
    def is_name(sha256: str) -> bool:
        """Tell whether this can be a blob's name: a SHA-256 in hex."""
        return _NAME.fullmatch(sha256) is not None

    async def put(self, chunks: AsyncIterator[bytes], limit_bytes: int) -> BlobInfo:
        """Store a stream while hashing it; see `Blobs.put`."""
        part = self._parts / new_id()
        digest = hashlib.sha256()
        try:
            with disk_errors(), part.open("xb", buffering=0) as file:

                def keep(block: bytes) -> None:
                    write_whole(file.fileno(), block)
                    digest.update(block)

                size = await pour(chunks, keep, limit_bytes)
                await asyncio.to_thread(os.fsync, file.fileno())
                info = BlobInfo(digest.hexdigest(), size)
                await asyncio.to_thread(self._keep, part, info.sha256)
        finally:
            part.unlink(missing_ok=True)
        return info

    async def take(self, file: Path, blob: BlobInfo) -> None:
        """Give the file's bytes a second name in the store; see `Blobs.take`."""
        with disk_errors():
            await asyncio.to_thread(self._take, file, blob.sha256)

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

    async def here(self, sha256: str) -> Path | None:
        """Return the file, as every blob is on this machine; None where there is none."""
        place = self._place(sha256)
        return place if place is not None and place.is_file() else None

    async def read(self, sha256: str, first: int, end: int) -> AsyncIterator[bytes]:
        """Yield the bytes from `first` up to `end`."""
        with (await self.path(sha256)).open("rb") as file:
            _ = file.seek(first)
            while first < end:
                block = await asyncio.to_thread(file.read, min(_READ, end - first))
                if not block:
                    return
                first += len(block)
                yield block

    async def show(self, sha256: str, place: Path) -> None:
        """Show the blob's bytes under a readable name without storing them twice."""
        source = await self.path(sha256)
        with disk_errors():
            _link(source, place)

    async def delete(self, sha256: str) -> None:
        """Free the bytes; a repeat is a no-op."""
        place = self._place(sha256)
        if place is not None:  # a file of gigabytes takes the file system a while to free
            await asyncio.to_thread(place.unlink, missing_ok=True)

    def trim(self, limit_bytes: int, keeping: str, young_s: float) -> None:
        """Delete blobs that were changed longest ago until at most `limit_bytes` are left.

        Neither `keeping` nor what was changed within `young_s` seconds. For a folder that has
        copies only.
        """
        found = [(path, path.stat()) for path in self._folder.glob("*/*")]
        left = sum(at.st_size for _, at in found)
        old = now_ms() / 1000 - young_s
        for path, at in sorted(found, key=lambda each: each[1].st_mtime):
            if left <= limit_bytes or at.st_mtime > old:
                return
            if path != self._place(keeping):
                path.unlink(missing_ok=True)
                left -= at.st_size

    def _place(self, sha256: str) -> Path | None:
        """Return where the blob stands; None for what is no SHA-256, whoever sent it."""
        return self._folder / sha256[:2] / sha256[2:] if self.is_name(sha256) else None

    def _keep(self, part: Path, sha256: str) -> None:
        """Give the finished part its name, durably; bytes that are there already stay.

        What shows them by another name shares them then. Ones that the disk has damaged are
        replaced: whoever uploads a file again means to mend it.
        """
        place = self._folder / sha256[:2] / sha256[2:]
        place.parent.mkdir(mode=0o700, exist_ok=True)
        if _hash_of(place) == sha256:
            return
        _ = part.replace(place)
        sync_folder(place.parent)
        sync_folder(self._folder)

    def _take(self, file: Path, sha256: str) -> None:
        part = self._parts / new_id()
        try:
            try:
                os.link(file, part)
            except OSError:  # another file system, or one without hard links
                _ = shutil.copyfile(file, part)
            with part.open("rb") as opened:
                os.fsync(opened.fileno())
            self._keep(part, sha256)
        finally:
            part.unlink(missing_ok=True)


def _hash_of(place: Path) -> str | None:
    try:
        with place.open("rb", buffering=0) as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except FileNotFoundError:
        return None


def _link(source: Path, place: Path) -> None:
    place.parent.mkdir(parents=True, exist_ok=True)
    place.unlink(missing_ok=True)
    try:
        os.link(source, place)
    except OSError:  # another file system, or one without hard links
        place.symlink_to(source)
