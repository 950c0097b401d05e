"""Keys that have ended do not pile up."""

from pathlib import Path

import pytest

from axonml.storage.embedded.database import open_file
from axonml.storage.embedded.keyvalue import EmbeddedKeyValue
from axonml.storage.embedded.readers import Readers
from axonml.storage.embedded.writer import Writer

pytestmark = pytest.mark.anyio


async def test_ended_keys_are_dropped_as_others_are_written(tmp_path: Path) -> None:
    path = tmp_path / "axon.db"
    writer = Writer(open_file(path, "axon", "full"), "writer")
    readers = Readers(path, "full")
    keys = EmbeddedKeyValue(readers, writer)
    for i in range(100):
        await keys.put(f"ended{i}", b"", -1)

    for i in range(3):
        await keys.put(f"new{i}", b"", 60)

    ((n_rows,),) = await readers.fetch("SELECT count(*) FROM kv")
    await readers.close()
    await writer.close()
    assert n_rows <= 4
