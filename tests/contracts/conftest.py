"""Every implementation of the storage protocols, for the suites that hold them to a promise."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Final

import pytest
from buckets import CREDENTIALS, a_bucket
from fakes import MemoryBlobs, MemoryKeys, MemorySeries

from axonml.config import Config
from axonml.storage.blobs.objects import ObjectBlobs
from axonml.storage.open import open_storage
from axonml.storage.protocols import Blobs, Documents, KeyValue, Series, Storage

ENGINES: Final = ["embedded"]
WITH_FAKE: Final = [*ENGINES, "memory"]


async def an_open_storage(engine: str, home: Path) -> Storage:
    """Return an empty, open storage of the engine."""
    assert engine in ENGINES
    return await open_storage(Config(home))


@pytest.fixture(params=ENGINES)
async def documents(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Documents]:
    """Return the empty tables of each engine."""
    storage = await an_open_storage(request.param, tmp_path)
    yield storage.documents
    await storage.close()


@pytest.fixture(params=WITH_FAKE)
async def keys(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[KeyValue]:
    """Return an empty store of keys of each engine, and the fake."""
    if request.param == "memory":
        yield MemoryKeys()
        return
    storage = await an_open_storage(request.param, tmp_path)
    yield storage.keys
    await storage.close()


@pytest.fixture(params=[*WITH_FAKE, "objects"])
async def blobs(
    request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[Blobs]:
    """Return an empty store of blobs of each engine, and the fake."""
    if request.param == "objects":
        for name, value in CREDENTIALS.items():
            monkeypatch.setenv(name, value)
        with a_bucket(tmp_path / "bucket") as bucket:
            yield await ObjectBlobs.opened(
                bucket.url, bucket.endpoint, "us-east-1", tmp_path / "cache", 1 << 30
            )
        return
    if request.param == "memory":
        fake = MemoryBlobs()
        yield fake
        fake.close()
        return
    storage = await an_open_storage(request.param, tmp_path)
    yield storage.blobs
    await storage.close()


@pytest.fixture(params=WITH_FAKE)
async def series(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Series]:
    """Return an empty store of points of each engine, and the fake."""
    if request.param == "memory":
        yield MemorySeries()
        return
    storage = await an_open_storage(request.param, tmp_path)
    yield storage.series
    await storage.close()
