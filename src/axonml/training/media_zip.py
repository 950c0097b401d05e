"""A folder as a zip that is made while it is sent: nothing of it is kept in memory or on disk."""

import asyncio
import io
import zipfile
from collections.abc import AsyncIterator, Sequence
from pathlib import Path
from typing import Final

_BLOCK: Final = 1 << 20
_EPOCH: Final = (1980, 1, 1, 0, 0, 0)


class _Sink(io.RawIOBase):
    """What the writer of a zip writes to; `take` hands out what has come."""

    def __init__(self) -> None:
        self._written = bytearray()

    def writable(self) -> bool:
        """Tell that this can be written to."""
        return True

    def write(self, data: bytes) -> int:  # pyright: ignore[reportIncompatibleMethodOverride]  # bytes is all that a zip writes
        """Keep the bytes until they are taken."""
        self._written += data
        return len(data)

    def take(self) -> bytes:
        """Return what was written since the last time."""
        taken = bytes(self._written)
        self._written.clear()
        return taken


async def zipped(files: Sequence[tuple[str, Path]]) -> AsyncIterator[bytes]:
    """Yield a zip of (name in it, file); not compressed, as weights and images are dense.

    Every member has the same time, so that the same files give the same zip.
    """
    sink = _Sink()
    archive = zipfile.ZipFile(sink, "w", zipfile.ZIP_STORED)
    for name, path in files:
        info = zipfile.ZipInfo(name, _EPOCH)
        with path.open("rb") as source, archive.open(info, "w", force_zip64=True) as member:
            while block := await asyncio.to_thread(source.read, _BLOCK):
                _ = await asyncio.to_thread(member.write, block)
                yield sink.take()
    archive.close()
    yield sink.take()
