"""A long log is read by its numbers, not from its beginning."""

import random
from collections.abc import Iterator
from pathlib import Path

import apsw
import pytest

from axonml.storage import runlog
from axonml.storage.embedded.database import open_file
from axonml.storage.embedded.series import SqliteTables


@pytest.fixture
def connection(tmp_path: Path) -> Iterator[apsw.Connection]:
    """Return a log of 3,000 lines in rows of three."""
    connection = open_file(tmp_path / "metrics.db", "metrics", "relaxed")
    with connection:
        for first in range(1, 3001, 3):
            lines = [(i, "info", f"line {i}") for i in range(first, first + 3)]
            assert (
                runlog.insert(SqliteTables(connection), "r", 3, runlog.encode(lines)) == first + 2
            )
    yield connection
    connection.close()


@pytest.fixture
def log(connection: apsw.Connection) -> SqliteTables:
    """Return the tables with the log."""
    return SqliteTables(connection)


@pytest.mark.parametrize("after", [0, 1, 2, 3, 1499, 2997, 2998, 2999, 3000, 5000])
def test_reading_goes_on_after_any_line(after: int, log: SqliteTables) -> None:
    lines = runlog.read(log, "r", after, 10, "")

    assert [line.seq for line in lines] == list(range(after + 1, min(after + 10, 3000) + 1))
    assert [line.message for line in lines] == [f"line {line.seq}" for line in lines]


def test_the_tail_touches_only_its_rows(log: SqliteTables, connection: apsw.Connection) -> None:
    steps: list[int] = []
    connection.set_progress_handler(lambda: bool(steps.append(1)), 10)

    assert [line.seq for line in runlog.read(log, "r", 2990, 100, "")] == list(range(2991, 3001))
    assert [line.seq for line in runlog.read(log, "r", -1, 4, "")] == [2997, 2998, 2999, 3000]

    connection.set_progress_handler(None)
    assert len(steps) < 30  # SQLite's machine in tens; 1,000 rows take a thousand


def test_a_search_ignores_case_and_finds_across_rows(log: SqliteTables) -> None:
    found = runlog.read(log, "r", 0, 5, "LINE 29")
    last = runlog.read(log, "r", -1, 2, "LINE 29")

    assert [line.seq for line in found] == [29, 290, 291, 292, 293]
    assert [line.seq for line in last] == [2998, 2999]


def test_short_rows_become_long_ones_and_read_the_same(
    log: SqliteTables, connection: apsw.Connection
) -> None:
    with connection:
        _ = runlog.insert(log, "other", 1, runlog.encode([(1, "info", "kept")]))
    before = runlog.read(log, "r", 0, 10_000, "")

    with connection:
        runlog.replace(log, "r", runlog.joined(log, "r"))

    rows = log.query("SELECT first_seq, n FROM log WHERE run = 'r' ORDER BY first_seq")
    assert rows == [(1, 1002), (1003, 1002), (2005, 996)]
    assert runlog.read(log, "r", 0, 10_000, "") == before
    assert runlog.joined(log, "r") == []
    # What comes next joins the one that is not full yet, and leaves the others alone.
    with connection:
        assert runlog.insert(log, "r", 1, runlog.encode([(1, "info", "next")])) == 3001
    assert [(row.first, row.n) for row in runlog.joined(log, "r")] == [(2005, 997)]


def test_a_log_deleted_while_its_rows_are_joined_stays_deleted(
    log: SqliteTables, connection: apsw.Connection
) -> None:
    rows = runlog.joined(log, "r")

    with connection:
        _ = log.query("DELETE FROM log")
        runlog.replace(log, "r", rows)

    assert runlog.read(log, "r", 0, 10, "") == []


def test_long_lines_are_not_gathered_into_huge_rows(
    log: SqliteTables, connection: apsw.Connection
) -> None:
    with connection:
        for _ in range(6):
            noise = random.Random(0).randbytes(100_000).hex()
            _ = runlog.insert(log, "loud", 1, runlog.encode([(1, "info", noise)]))

    assert [(row.first, row.n) for row in runlog.joined(log, "loud")] == [(1, 3), (4, 3)]
