"""One thread writes for all: together where it can, alone where one of them fails."""

import asyncio
import resource
import threading
from collections.abc import AsyncIterator, Callable, Coroutine
from pathlib import Path
from typing import Any

import apsw
import pytest

from axonml.errors import AxonError, Conflict, NotFound, StorageFull, TooMany, Unavailable
from axonml.storage.embedded.database import connect, open_file, query
from axonml.storage.embedded.writer import Writer

pytestmark = pytest.mark.anyio

DEADLINE_S = 10.0


@pytest.fixture
async def connection(tmp_path: Path) -> AsyncIterator[apsw.Connection]:
    """Return the connection that the test's writer owns."""
    connection = open_file(tmp_path / "axon.db", "axon", "full")
    _ = connection.execute("CREATE TABLE t (x INTEGER UNIQUE, y BLOB)")
    yield connection
    connection.close()


@pytest.fixture
async def writer(connection: apsw.Connection) -> AsyncIterator[Writer]:
    """Return a writer with a queue of eight."""
    writer = Writer(connection, "writer", max_waiting=8, max_bytes=1000)
    yield writer
    await writer.close()


def insert(x: int, y: bytes = b"") -> Callable[[apsw.Connection], int]:
    def job(connection: apsw.Connection) -> int:
        _ = connection.execute("INSERT INTO t VALUES ($1, $2)", (x, y))
        return x

    return job


def stored(path: Path) -> list[int]:
    """Return what another process would see."""
    reader = connect(path / "axon.db", "full", read_only=True)
    rows = query(reader, "SELECT x FROM t ORDER BY x")
    reader.close()
    return [row[0] for row in rows]


async def together(
    writer: Writer, *calls: Callable[[], Coroutine[Any, Any, Any]]
) -> list[asyncio.Task[Any]]:
    """Start all calls while the writer is busy, so that one group takes them; wait for all."""
    is_busy, is_over = threading.Event(), threading.Event()

    def hold(_: apsw.Connection) -> None:
        is_busy.set()
        assert is_over.wait(DEADLINE_S)

    holding = asyncio.create_task(writer.run(hold))
    assert await asyncio.to_thread(is_busy.wait, DEADLINE_S)
    tasks = [asyncio.create_task(call()) for call in calls]
    await asyncio.sleep(0)  # each has queued its job now
    is_over.set()
    async with asyncio.timeout(DEADLINE_S):
        _ = await asyncio.gather(holding, *tasks, return_exceptions=True)
    return tasks


async def test_a_job_returns_once_others_can_read_what_it_wrote(
    writer: Writer, tmp_path: Path
) -> None:
    assert await writer.run(insert(1)) == 1
    assert stored(tmp_path) == [1]


async def test_what_queued_meanwhile_is_one_commit(
    writer: Writer, connection: apsw.Connection, tmp_path: Path
) -> None:
    commits: list[int] = []
    connection.set_commit_hook(lambda: bool(commits.append(1)))

    _ = await together(writer, *(lambda x=x: writer.run(insert(x)) for x in range(7)))

    assert len(commits) == 1
    assert stored(tmp_path) == list(range(7))


async def test_a_broken_uniqueness_fails_alone(writer: Writer, tmp_path: Path) -> None:
    one, again, two = await together(
        writer,
        lambda: writer.run(insert(1)),
        lambda: writer.run(insert(1)),
        lambda: writer.run(insert(2)),
    )

    assert (one.result(), two.result()) == (1, 2)
    assert isinstance(again.exception(), Conflict)
    assert stored(tmp_path) == [1, 2]


async def test_a_job_with_an_error_of_its_own_changes_nothing_and_ends_nothing(
    writer: Writer, tmp_path: Path
) -> None:
    def refuse(connection: apsw.Connection) -> None:
        _ = insert(5)(connection)
        raise NotFound("gone")

    def err(connection: apsw.Connection) -> None:
        _ = insert(6)(connection)
        raise ZeroDivisionError

    def misspell(connection: apsw.Connection) -> None:
        _ = insert(7)(connection)
        _ = connection.execute("SELEKT 1")

    refused, broken, misspelt, fine = await together(
        writer,
        lambda: writer.run(refuse),
        lambda: writer.run(err),
        lambda: writer.run(misspell),
        lambda: writer.run(insert(8)),
    )

    assert isinstance(refused.exception(), NotFound)
    assert isinstance(broken.exception(), ZeroDivisionError)
    assert isinstance(misspelt.exception(), apsw.SQLError)
    assert fine.result() == 8
    assert stored(tmp_path) == [8]


async def test_a_full_queue_says_when_to_come_again(writer: Writer, tmp_path: Path) -> None:
    tasks = await together(writer, *(lambda x=x: writer.run(insert(x)) for x in range(9)))

    refused = [task.exception() for task in tasks if task.exception()]
    assert [type(error) for error in refused] == [TooMany, TooMany]
    assert isinstance(refused[0], AxonError)
    assert refused[0].retry_after_s == 1
    assert stored(tmp_path) == list(range(7))
    assert await writer.run(insert(99)) == 99


async def test_a_queue_full_of_bytes_takes_no_more(writer: Writer, tmp_path: Path) -> None:
    large, small = await together(
        writer,
        lambda: writer.run(insert(1), size_bytes=1001),
        lambda: writer.run(insert(2), size_bytes=1),
    )

    assert large.result() == 1
    assert isinstance(small.exception(), TooMany)
    assert await writer.run(insert(3), size_bytes=1001) == 3


async def test_a_caller_that_stops_waiting_does_not_stop_its_job(
    writer: Writer, tmp_path: Path
) -> None:
    async def give_up() -> None:
        waiting = asyncio.create_task(writer.run(insert(1)))
        await asyncio.sleep(0)
        _ = waiting.cancel()

    _ = await together(writer, give_up)
    _ = await writer.run(insert(2))  # behind the other in the queue

    assert stored(tmp_path) == [1, 2]


async def test_closing_writes_what_is_queued_and_takes_no_more(
    connection: apsw.Connection, tmp_path: Path
) -> None:
    writer = Writer(connection, "writer")
    tasks = [asyncio.create_task(writer.run(insert(x))) for x in range(20)]
    await asyncio.sleep(0)

    await writer.close()

    assert await asyncio.gather(*tasks) == list(range(20))
    assert stored(tmp_path) == list(range(20))
    with pytest.raises(Unavailable):
        _ = await writer.run(insert(99))


async def test_a_file_that_may_not_grow_fails_its_group_and_keeps_what_was(
    writer: Writer, connection: apsw.Connection, tmp_path: Path
) -> None:
    _ = await writer.run(insert(1))
    ((pages,),) = query(connection, "PRAGMA page_count")
    _ = query(connection, f"PRAGMA max_page_count = {pages + 8}")

    small, large = await together(
        writer,
        lambda: writer.run(insert(2)),
        lambda: writer.run(insert(3, bytes(1 << 20))),
    )

    assert isinstance(small.exception(), StorageFull)
    assert isinstance(large.exception(), StorageFull)
    assert stored(tmp_path) == [1]
    assert await writer.run(insert(4)) == 4
    _ = query(connection, "PRAGMA max_page_count = 1000000")
    assert await writer.run(insert(3, bytes(1 << 20))) == 3
    assert stored(tmp_path) == [1, 3, 4]


async def test_a_disk_that_takes_no_more_bytes_is_full(writer: Writer, tmp_path: Path) -> None:
    _ = await writer.run(insert(1))
    log = tmp_path / "axon.db-wal"
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (log.stat().st_size + 100_000, hard))
    try:
        with pytest.raises(StorageFull, match="free space and send again"):
            _ = await writer.run(insert(2, bytes(1 << 20)))
        assert stored(tmp_path) == [1]
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))

    assert await writer.run(insert(2, bytes(1 << 20))) == 2
    assert stored(tmp_path) == [1, 2]


async def test_a_file_that_another_program_holds_is_not_waited_for_forever(
    writer: Writer, connection: apsw.Connection, tmp_path: Path
) -> None:
    connection.set_busy_timeout(50)
    other = connect(tmp_path / "axon.db", "full")
    _ = other.execute("BEGIN IMMEDIATE")

    with pytest.raises(Unavailable):
        _ = await writer.run(insert(1))

    _ = other.execute("ROLLBACK")
    other.close()
    assert await writer.run(insert(1)) == 1
