"""A store on disk with runs in it, without a server around it."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from axonml.config import Config
from axonml.storage.open import open_storage
from axonml.storage.protocols import Storage


@pytest.fixture
async def storage(tmp_path: Path) -> AsyncIterator[Storage]:
    """Return an empty, open data folder."""
    opened = await open_storage(Config(tmp_path))
    yield opened
    await opened.close()
