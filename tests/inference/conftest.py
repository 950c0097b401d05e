"""Storage, models and slices for the tests of inference."""

from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import pytest
from serving import Shelf, Slice

from axonml.config import Config
from axonml.storage.open import open_storage
from axonml.storage.protocols import Storage


@pytest.fixture
async def storage(tmp_path: Path, anyio_backend: str) -> AsyncIterator[Storage]:
    storage = await open_storage(Config(home=tmp_path / "home"))
    yield storage
    await storage.close()


@pytest.fixture
def shelf(tmp_path: Path) -> Shelf:
    return Shelf(tmp_path)


@pytest.fixture
async def a_slice(storage: Storage, shelf: Shelf) -> AsyncIterator[Callable[..., Slice]]:
    """Build slices on the same folder; each is closed at the end."""
    made: list[Slice] = []

    def build(**fields: Any) -> Slice:
        made.append(Slice(storage, shelf, **fields))
        return made[-1]

    yield build
    for each in made:
        await each.supervisor.close()
