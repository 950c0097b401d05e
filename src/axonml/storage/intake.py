"""A stream of bytes on its way to a disk: written and hashed while the next block arrives."""

import asyncio
import errno
import os
from collections.abc import AsyncIterator, Callable, Generator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from axonml.errors import StorageFull, TooLarge

_BLOCK: Final = 1 << 20
_FULL: Final = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})


async def pour(
    chunks: AsyncIterator[bytes], keep: Callable[[bytes], None], limit_bytes: int
) -> int:
    """Hand the stream to `keep` in blocks, in a thread, and return its size.

    One block is kept while the next is gathered: the network and the disk both have work. What
    came before a stream broke off is kept too. No `keep` runs any more once this has ended.

    Raises:
        TooLarge: more than `limit_bytes` came.
    """
    gathered: list[bytes] = []
    size = n_gathered = 0
    keeping: asyncio.Future[None] | None = None
    loop = asyncio.get_running_loop()
    try:
        async for chunk in chunks:
            size += len(chunk)
            if size > limit_bytes:
                raise TooLarge(
                    f"the file exceeds the limit of {limit_bytes} bytes", code="file_too_large"
                )
            gathered.append(chunk)
            n_gathered += len(chunk)
            if n_gathered >= _BLOCK:
                if keeping is not None:
                    await asyncio.shield(keeping)
                keeping = loop.run_in_executor(None, keep, b"".join(gathered))
                gathered, n_gathered = [], 0
    finally:
        if keeping is not None:
            _ = await asyncio.wait({keeping})
            keeping.result()
        if gathered:
            await asyncio.to_thread(keep, b"".join(gathered))
    return size


@contextmanager
def disk_errors() -> Generator[None]:
    """Raise `StorageFull` where the body finds no room on the disk."""
    try:
        yield
    except OSError as error:
        if error.errno in _FULL:
            raise StorageFull("the disk is full; free space and upload again") from None
        raise


def write_whole(descriptor: int, block: bytes) -> None:
    """Write all of `block`, in as many calls as it takes."""
    view = memoryview(block)
    while view:
        view = view[os.write(descriptor, view) :]


def sync_folder(folder: Path) -> None:
    """Make the folder's entries survive a power cut."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
