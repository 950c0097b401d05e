"""What every store of blobs promises."""

import asyncio
import hashlib
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from axonml.errors import NotFound, TooLarge
from axonml.storage.protocols import BlobInfo, Blobs

pytestmark = pytest.mark.anyio


async def pieces(*chunks: bytes) -> AsyncIterator[bytes]:
    """Yield the chunks, as a request's body arrives."""
    for chunk in chunks:
        yield chunk


def sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


async def test_the_same_bytes_are_one_blob(blobs: Blobs) -> None:
    first = await blobs.put(pieces(b"ab", b"c"), 100)
    again = await blobs.put(pieces(b"a", b"bc"), 100)

    assert first == again == BlobInfo(sha256(b"abc"), 3)
    assert (await blobs.path(first.sha256)).read_bytes() == b"abc"
    assert await blobs.head(first.sha256) == first


async def test_damaged_bytes_are_mended_by_the_right_ones(blobs: Blobs) -> None:
    blob = await blobs.put(pieces(b"abc"), 100)
    path = await blobs.path(blob.sha256)
    path.chmod(0o600)
    _ = path.write_bytes(b"abX")

    _ = await blobs.put(pieces(b"abc"), 100)

    assert (await blobs.path(blob.sha256)).read_bytes() == b"abc"


async def test_an_empty_blob_is_a_blob(blobs: Blobs) -> None:
    assert await blobs.put(pieces(), 100) == BlobInfo(sha256(b""), 0)
    assert await blobs.head(sha256(b"")) == BlobInfo(sha256(b""), 0)


async def test_a_large_blob_arrives_whole(blobs: Blobs) -> None:
    data = bytes(range(256)) * 20_000

    blob = await blobs.put(pieces(data[:7], data[7:3_000_000], data[3_000_000:]), len(data))

    assert blob == BlobInfo(sha256(data), len(data))
    assert (await blobs.path(blob.sha256)).read_bytes() == data


async def test_the_same_bytes_may_arrive_many_times_at_once(blobs: Blobs) -> None:
    stored = await asyncio.gather(*(blobs.put(pieces(b"a" * 1000), 1000) for _ in range(8)))

    assert set(stored) == {BlobInfo(sha256(b"a" * 1000), 1000)}
    assert (await blobs.path(stored[0].sha256)).read_bytes() == b"a" * 1000


async def test_a_blob_over_the_limit_or_cut_leaves_nothing(blobs: Blobs) -> None:
    async def cut() -> AsyncIterator[bytes]:
        yield b"a"
        raise ConnectionResetError

    with pytest.raises(TooLarge):
        _ = await blobs.put(pieces(b"a" * 60, b"b" * 60), 100)
    with pytest.raises(ConnectionResetError):
        _ = await blobs.put(cut(), 100)

    assert await blobs.head(sha256(b"a")) is None


async def test_a_deleted_blob_is_gone(blobs: Blobs) -> None:
    blob = await blobs.put(pieces(b"abc"), 100)

    await blobs.delete(blob.sha256)
    await blobs.delete(blob.sha256)

    assert await blobs.head(blob.sha256) is None
    with pytest.raises(NotFound):
        _ = await blobs.path(blob.sha256)


@pytest.mark.parametrize("name", ["", "../axon.db", "0" * 63, "A" * 64, "/etc/passwd"])
async def test_a_name_that_is_no_hash_finds_nothing(name: str, blobs: Blobs) -> None:
    assert await blobs.head(name) is None
    with pytest.raises(NotFound):
        _ = await blobs.path(name)
    await blobs.delete(name)


async def test_a_whole_file_is_taken_and_stays(blobs: Blobs, tmp_path: Path) -> None:
    data = bytes(range(256)) * 9000
    file = tmp_path / "part"
    _ = file.write_bytes(data)
    blob = BlobInfo(sha256(data), len(data))

    await blobs.take(file, blob)
    await blobs.take(file, blob)
    kept = file.read_bytes()
    file.unlink()

    assert kept == data
    assert await blobs.head(blob.sha256) == blob
    assert (await blobs.path(blob.sha256)).read_bytes() == data


@pytest.mark.parametrize(("first", "end"), [(0, 6), (2, 4), (5, 6), (3, 3)])
async def test_a_part_of_a_blob_can_be_read(blobs: Blobs, first: int, end: int) -> None:
    blob = await blobs.put(pieces(b"abcdef"), 100)

    read = b"".join([chunk async for chunk in blobs.read(blob.sha256, first, end)])

    assert read == b"abcdef"[first:end]


async def test_what_is_not_there_cannot_be_read(blobs: Blobs) -> None:
    assert await blobs.here("0" * 64) is None
    with pytest.raises(NotFound):
        _ = [chunk async for chunk in blobs.read("0" * 64, 0, 1)]


async def test_a_shown_blob_is_the_blob_or_nothing(blobs: Blobs, tmp_path: Path) -> None:
    blob = await blobs.put(pieces(b"abc"), 100)

    place = tmp_path / "v1" / "model.onnx"
    await blobs.show(blob.sha256, place)

    assert not place.exists() or place.read_bytes() == b"abc"
