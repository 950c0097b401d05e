"""Files in an S3-compatible store: what the contract does not say, and what may go wrong."""

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
from buckets import CREDENTIALS, Bucket, a_bucket, a_real_bucket
from product import running
from registered import a_model, a_version

from axonml.config import Config, StorageConfig
from axonml.errors import StartupError, Unavailable
from axonml.storage.blobs.objects import ObjectBlobs
from axonml.storage.open import open_storage

GIB = 1 << 30


@pytest.fixture(autouse=True)
def credentials(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in CREDENTIALS.items():
        monkeypatch.setenv(name, value)


@pytest.fixture
def bucket(tmp_path: Path) -> Iterator[Bucket]:
    with a_bucket(tmp_path / "bucket") as bucket:
        yield bucket


async def opened(bucket: Bucket, cache: Path, cache_bytes: int = GIB) -> ObjectBlobs:
    return await ObjectBlobs.opened(bucket.url, bucket.endpoint, "us-east-1", cache, cache_bytes)


async def pieces(*chunks: bytes) -> AsyncIterator[bytes]:
    for chunk in chunks:
        yield chunk


@pytest.mark.anyio
async def test_another_machine_fetches_what_one_stored(bucket: Bucket, tmp_path: Path) -> None:
    content = bytes(range(256)) * 100_000
    blob = await (await opened(bucket, tmp_path / "a")).put(pieces(content), len(content))

    other = await opened(bucket, tmp_path / "b")

    assert await other.here(blob.sha256) is None
    ranged = b"".join([block async for block in other.read(blob.sha256, 1000, 9_000_000)])
    assert ranged == content[1000:9_000_000]
    assert await other.here(blob.sha256) is None  # a range fetches no whole file
    assert (await other.path(blob.sha256)).read_bytes() == content
    assert await other.here(blob.sha256) is not None


@pytest.mark.anyio
async def test_an_object_that_was_changed_is_refused(bucket: Bucket, tmp_path: Path) -> None:
    blob = await (await opened(bucket, tmp_path / "a")).put(pieces(b"abc"), 100)
    _ = (bucket.folder / "team" / blob.sha256).write_bytes(b"abX")
    other = await opened(bucket, tmp_path / "b")

    with pytest.raises(Unavailable, match="is not what was stored there"):
        _ = await other.path(blob.sha256)

    assert await other.here(blob.sha256) is None


@pytest.mark.anyio
async def test_the_cache_keeps_what_was_used_last(
    bucket: Bucket, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("axonml.storage.blobs.objects._YOUNG_S", -1.0)
    blobs = await opened(bucket, tmp_path / "cache", 2500)
    first, second = [await blobs.put(pieces(bytes([at]) * 1000), 1000) for at in range(2)]
    _ = await blobs.path(first.sha256)

    third = await blobs.put(pieces(b"c" * 1000), 1000)

    there = [await blobs.here(blob.sha256) is not None for blob in (first, second, third)]
    assert there == [True, False, True]
    assert (await blobs.path(second.sha256)).read_bytes() == b"\1" * 1000
    assert len(bucket.objects()) == 3


@pytest.mark.anyio
async def test_a_store_that_went_away_is_one_clear_sentence(tmp_path: Path) -> None:
    with a_bucket(tmp_path / "bucket") as bucket:
        blobs = await opened(bucket, tmp_path / "cache")
        stored = await blobs.put(pieces(b"abc"), 100)

    with pytest.raises(Unavailable, match="s3://models/team does not do its work") as refused:
        _ = await blobs.put(pieces(b"abcd"), 100)
    assert refused.value.status == 503
    # What is here already is served without the store.
    assert (await blobs.path(stored.sha256)).read_bytes() == b"abc"


@pytest.mark.anyio
@pytest.mark.parametrize(
    ("setting", "said"),
    [
        ("s3://", "write s3://BUCKET"),
        ("/somewhere", "write s3://BUCKET"),
        ("s3://nothing-there", "cannot use s3://nothing-there"),
    ],
)
async def test_a_bucket_that_cannot_be_used_stops_the_start(
    bucket: Bucket, tmp_path: Path, setting: str, said: str
) -> None:
    storage = StorageConfig(blobs=setting, blobs_endpoint=bucket.endpoint)

    with pytest.raises(StartupError, match=said) as refused:
        _ = await open_storage(Config(tmp_path / "home", storage=storage))

    assert "\n" not in refused.value.detail
    assert CREDENTIALS["AWS_SECRET_ACCESS_KEY"] not in refused.value.detail


def _live_there(bucket: Bucket, home: Path) -> None:
    """Upload, forget the copies here, deploy, predict, download and delete."""
    with running(home, **bucket.environment) as server:
        with server.client() as client:
            model = a_model(client, name="m")
            version = a_version(client, model)
            assert not (home / version["file_path"]).exists()
        _ = server.stop()
        for copy in (home / "blobs" / "sha256").glob("*/*"):
            copy.unlink()

        server.start()

        with server.client() as client:
            assert client.post(f"/api/models/{model}/versions/1/deploy").is_success
            answer = client.post("/api/inference/predict/m", json={"inputs": [[1, 2, 3]]})
            assert answer.json()["outputs"] == [[2, 4, 6]]
            path = f"/api/models/{model}/versions/1/download"
            downloaded = client.get(path, headers={"range": "bytes=0-9"})
            assert (downloaded.status_code, len(downloaded.content)) == (206, 10)
            [endpoint] = client.get("/api/inference/endpoints").json()["items"]
            assert client.delete(f"/api/inference/endpoints/{endpoint['id']}").is_success
            assert client.delete(f"/api/models/{model}").status_code == 204
            assert not list((home / "blobs" / "sha256").glob("*/*"))


def test_models_live_in_the_bucket_and_are_served_from_it(bucket: Bucket, tmp_path: Path) -> None:
    _live_there(bucket, tmp_path / "home")

    assert bucket.objects() == set()


def test_a_real_store_does_as_well(tmp_path: Path) -> None:
    with a_real_bucket(tmp_path / "weed") as bucket:
        _live_there(bucket, tmp_path / "home")
