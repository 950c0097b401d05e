"""Short reads at once, long ones beside the event loop."""

import threading
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path

import apsw
import pytest

from axonml.storage.embedded.readers import Readers

pytestmark = pytest.mark.anyio

COUNT = (
    "WITH RECURSIVE n(i) AS (VALUES (1) UNION ALL SELECT i + 1 FROM n WHERE i < $1)"
    " SELECT count(*) FROM n"
)


@pytest.fixture
async def readers(axon: apsw.Connection, tmp_path: Path) -> AsyncIterator[Readers]:
    """Return the readers of an empty `axon.db`."""
    readers = Readers(tmp_path / "axon.db", "full")
    yield readers
    await readers.close()


async def test_a_long_read_leaves_the_loop_and_gives_the_same_rows(
    readers: Readers, monkeypatch: pytest.MonkeyPatch
) -> None:
    moved: list[object] = []
    run = readers.run

    def note(read: Callable[[apsw.Connection], object]) -> Awaitable[object]:
        moved.append(read)
        return run(read)

    monkeypatch.setattr(readers, "run", note)

    short = await readers.fetch(COUNT, 10)
    long = await readers.fetch(COUNT, 1_000_000)

    assert (short, long) == ([(10,)], [(1_000_000,)])
    assert len(moved) == 1


async def test_a_read_on_a_thread_is_not_the_loops(readers: Readers) -> None:
    names = [await readers.run(lambda _: threading.current_thread().name) for _ in range(4)]

    assert all(name.startswith("axon-reader") for name in names)


async def test_a_reader_cannot_write(readers: Readers) -> None:
    with pytest.raises(apsw.ReadOnlyError):
        _ = await readers.fetch("DELETE FROM kv")
