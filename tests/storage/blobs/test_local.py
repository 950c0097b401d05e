"""Blobs in the data folder: whole or not there, under names made here."""

import hashlib
import resource
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from axonml.errors import StorageFull
from axonml.storage.blobs.local import LocalBlobs

pytestmark = pytest.mark.anyio


async def pieces(*chunks: bytes) -> AsyncIterator[bytes]:
    """Yield the chunks, as a request's body arrives."""
    for chunk in chunks:
        yield chunk


def files(folder: Path) -> list[str]:
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file())


async def test_a_blob_stands_under_its_hash(tmp_path: Path) -> None:
    blobs = LocalBlobs(tmp_path)

    blob = await blobs.put(pieces(b"abc"), 100)

    sha256 = hashlib.sha256(b"abc").hexdigest()
    assert files(tmp_path) == [f"sha256/{sha256[:2]}/{sha256[2:]}"]
    assert await blobs.path(blob.sha256) == tmp_path / "sha256" / sha256[:2] / sha256[2:]


async def test_what_a_killed_upload_left_is_cleared_at_the_next_start(tmp_path: Path) -> None:
    _ = LocalBlobs(tmp_path)
    _ = (tmp_path / "parts" / "half").write_bytes(b"half of a model")

    _ = LocalBlobs(tmp_path)

    assert files(tmp_path) == []


async def test_an_upload_that_the_disk_cannot_take_leaves_nothing(tmp_path: Path) -> None:
    blobs = LocalBlobs(tmp_path)
    kept = await blobs.put(pieces(b"kept"), 100)
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1 << 20, hard))
    try:
        with pytest.raises(StorageFull, match="free space and upload again"):
            _ = await blobs.put(pieces(*[bytes(1 << 20)] * 4), 1 << 30)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))

    assert files(tmp_path) == [f"sha256/{kept.sha256[:2]}/{kept.sha256[2:]}"]
    assert (await blobs.put(pieces(*[bytes(1 << 20)] * 4), 1 << 30)).size_bytes == 4 << 20
