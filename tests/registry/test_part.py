"""The file of an unfinished upload: what counts of it, whatever happens to the disk."""

import errno
import hashlib
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from axonml.errors import StorageFull
from axonml.registry import part
from axonml.registry.part import Part
from axonml.registry.upload_types import Checksum, ChecksumMismatch

pytestmark = pytest.mark.anyio
_LIMIT = 1 << 30


async def pieces(*chunks: bytes) -> AsyncIterator[bytes]:
    for chunk in chunks:
        yield chunk


async def test_what_was_appended_counts_and_is_hashed(tmp_path: Path) -> None:
    kept = Part.opened(tmp_path / "p", None)

    await kept.append(pieces(b"ab", b"c"), _LIMIT, None)
    await kept.append(pieces(b"de"), _LIMIT, None)

    assert (kept.offset, kept.sha256) == (5, hashlib.sha256(b"abcde").hexdigest())
    again = Part.opened(tmp_path / "p", None)
    assert (again.offset, again.sha256) == (kept.offset, kept.sha256)


async def test_a_disk_that_fills_in_the_middle_takes_nothing_of_the_part(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept = Part.opened(tmp_path / "p", None)
    await kept.append(pieces(b"abc"), _LIMIT, None)
    real, n_written = part.write_whole, 0

    def until_full(descriptor: int, block: bytes) -> None:
        nonlocal n_written
        n_written += 1
        if n_written > 1:
            real(descriptor, block[:10])
            raise OSError(errno.ENOSPC, "no space left on device")
        real(descriptor, block)

    monkeypatch.setattr(part, "write_whole", until_full)
    with pytest.raises(StorageFull):
        await kept.append(pieces(b"x" * (1 << 20), b"y" * (1 << 20)), _LIMIT, None)
    monkeypatch.undo()

    assert (kept.offset, (tmp_path / "p").stat().st_size) == (3, 3)
    await kept.append(pieces(b"de"), _LIMIT, None)
    assert kept.sha256 == hashlib.sha256(b"abcde").hexdigest()


async def test_bytes_that_were_not_verified_do_not_count_after_a_crash(tmp_path: Path) -> None:
    _ = (tmp_path / "p").write_bytes(b"verified, and not")

    kept = Part.opened(tmp_path / "p", 8)

    assert (kept.offset, kept.sha256) == (8, hashlib.sha256(b"verified").hexdigest())


async def test_a_wrong_checksum_and_a_broken_stream_keep_what_was_there(tmp_path: Path) -> None:
    async def broken() -> AsyncIterator[bytes]:
        yield b"d"
        raise ConnectionResetError

    kept = Part.opened(tmp_path / "p", None)
    await kept.append(pieces(b"abc"), _LIMIT, None)

    with pytest.raises(ChecksumMismatch):
        await kept.append(pieces(b"X"), _LIMIT, Checksum("sha256", bytes(32)))
    with pytest.raises(ConnectionResetError):
        await kept.append(broken(), _LIMIT, Checksum("sha256", bytes(32)))
    assert kept.offset == 3

    with pytest.raises(ConnectionResetError):
        await kept.append(broken(), _LIMIT, None)
    # Without a checksum what came before the break is kept.
    assert kept.sha256 == hashlib.sha256(b"abcd").hexdigest()
