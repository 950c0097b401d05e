"""Databases of the two schemas, without a server around them."""

from collections.abc import Iterator
from pathlib import Path

import apsw
import pytest

from axonml.storage.embedded.database import open_file


@pytest.fixture
def axon(tmp_path: Path) -> Iterator[apsw.Connection]:
    """Return a fresh `axon.db`."""
    connection = open_file(tmp_path / "axon.db", "axon", "full")
    yield connection
    connection.close()
