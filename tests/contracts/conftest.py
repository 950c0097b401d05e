"""Every implementation of the storage protocols, for the suites that hold them to a promise."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from axonml.config import Config
from axonml.storage.open import open_storage
from axonml.storage.protocols import Storage


@pytest.fixture(params=["embedded"])
async def storage(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Storage]:
    """Return an empty, open storage of each engine."""
    assert request.param == "embedded"
    storage = await open_storage(Config(tmp_path))
    yield storage
    await storage.close()
