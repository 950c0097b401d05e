"""The file of an upload that is not whole yet: it grows, and is hashed while it does."""

import asyncio
import hashlib
import hmac
import os
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Final, Self

from axonml.errors import TooLarge
from axonml.registry.upload_types import Checksum, ChecksumMismatch
from axonml.storage.intake import disk_errors, pour, sync_folder, write_whole

_READ: Final = 1 << 20


class Part:
    """Owns one file; one request at a time appends to it.

    What an `append` kept is on disk when it returns or raises. What a killed server had written
    counts as well: the hash is made anew from the file.
    """

    def __init__(self, path: Path) -> None:
        self.path: Final = path
        self._size = 0
        self._digest = hashlib.sha256()
        self._floor: int | None = None

    @classmethod
    def opened(cls, path: Path, floor: int | None) -> Self:
        """Return the part in the file at `path`, read and hashed whole; blocks meanwhile.

        Beyond `floor`, where it is given, nothing was verified: that is cut off.
        """
        part = cls(path)
        if not path.exists():
            return part
        with path.open("r+b", buffering=0) as file:
            if floor is not None:
                _ = file.truncate(min(floor, os.fstat(file.fileno()).st_size))
            while block := file.read(_READ):
                part._digest.update(block)
                part._size += len(block)
            os.fsync(file.fileno())
        return part

    @property
    def offset(self) -> int:
        """Return how many bytes count: those verified, where the part is to be verified."""
        return self._size if self._floor is None else self._floor

    @property
    def sha256(self) -> str:
        """Return the hash of what the file holds."""
        return self._digest.hexdigest()

    async def append(
        self, chunks: AsyncIterator[bytes], limit_bytes: int, checksum: Checksum | None
    ) -> None:
        """Append a stream; return once it is on disk.

        What a stream brought before it broke off is kept, but not where a checksum was to tell
        whether it arrived whole. A full disk takes nothing of it: its room is given back.

        Raises:
            TooLarge: more than `limit_bytes`; nothing was kept.
            ChecksumMismatch: nothing was kept.
            StorageFull: nothing was kept.
        """
        checking = None if checksum is None else hashlib.new(checksum.algorithm)
        before, digest = self._size, self._digest.copy()
        self._floor = before if checksum is not None else None

        def keep(block: bytes) -> None:
            write_whole(descriptor, block)
            self._digest.update(block)
            if checking is not None:
                checking.update(block)
            self._size += len(block)

        is_kept = True
        with disk_errors():
            descriptor = await asyncio.to_thread(self._open)
            try:
                _ = await pour(chunks, keep, limit_bytes)
                if checksum is not None and checking is not None:
                    _check(checking.digest(), checksum)
            except BaseException as error:
                is_of_network = isinstance(error, ConnectionError | TimeoutError)
                is_of_disk = isinstance(error, OSError) and not is_of_network
                is_kept = checksum is None and not isinstance(error, TooLarge) and not is_of_disk
                raise
            finally:
                if not is_kept:
                    self._size, self._digest = before, digest
                await asyncio.to_thread(_settle, descriptor, self._size)
                self._floor = None

    def _open(self) -> int:
        is_new = not self.path.exists()
        descriptor = os.open(self.path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        if is_new:
            sync_folder(self.path.parent)
        return descriptor


def _check(digest: bytes, checksum: Checksum) -> None:
    if not hmac.compare_digest(digest, checksum.digest):
        raise ChecksumMismatch(
            f"these bytes have another {checksum.algorithm} than Upload-Checksum says, and were"
            " not kept; send them again"
        )


def _settle(descriptor: int, size: int) -> None:
    """Cut the file to what counts, and see it on disk."""
    try:
        os.ftruncate(descriptor, size)
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
