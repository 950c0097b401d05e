"""Files with the pragmas that the promises need."""

from pathlib import Path

import apsw
import pytest

from axonml.errors import StartupError
from axonml.storage.embedded.database import (
    migrate,
    open_file,
    query,
    refuse_affected,
    snapshot,
)


@pytest.mark.parametrize(("durability", "synchronous"), [("full", 2), ("relaxed", 1)])
def test_full_durability_syncs_every_commit(
    durability: str, synchronous: int, tmp_path: Path
) -> None:
    connection = open_file(tmp_path / "axon.db", "axon", durability)

    found = {
        pragma: query(connection, f"PRAGMA {pragma}")[0][0]
        for pragma in ("journal_mode", "synchronous", "page_size", "auto_vacuum")
    }

    connection.close()
    assert found == {
        "journal_mode": "wal",
        "synchronous": synchronous,
        "page_size": 4096,
        "auto_vacuum": 2,  # incremental
    }


def test_the_seed_documents_tables_are_there_with_the_columns_that_are_searched(
    axon: apsw.Connection,
) -> None:
    tables = {name for (name,) in query(axon, "SELECT name FROM sqlite_schema WHERE type='table'")}
    _ = query(
        axon,
        "INSERT INTO axonml_runs VALUES ('r', $1, 1, 0, 0)",
        '{"user_id":"u","visibility":"team","project":"p","name":"n","status":"s","group":"g"}',
    )

    assert {
        *("axonml_users", "axonml_runs", "axonml_models", "axonml_model_versions"),
        *("axonml_endpoints", "kv", "schema_version"),
    } <= tables
    sql = "SELECT user_id, visibility, project, name, status, grp FROM axonml_runs"
    assert query(axon, sql) == [("u", "team", "p", "n", "s", "g")]


def test_a_migration_that_was_done_is_not_done_again(axon: apsw.Connection, tmp_path: Path) -> None:
    before = query(axon, "SELECT number, at FROM schema_version")

    migrate(axon, "axon", tmp_path / "axon.db")

    assert query(axon, "SELECT number, at FROM schema_version") == before
    assert [number for number, _ in before] == list(range(1, len(before) + 1))


def test_a_snapshot_does_not_move(axon: apsw.Connection, tmp_path: Path) -> None:
    reader = open_file(tmp_path / "axon.db", "axon", "full")
    count = "SELECT count(*) FROM kv"

    with snapshot(reader):
        before = query(reader, count)
        _ = query(axon, "INSERT INTO kv VALUES ('k', x'00', 0)")
        during = query(reader, count)

    assert (before, during, query(reader, count)) == ([(0,)], [(0,)], [(1,)])
    reader.close()


def test_the_sqlite_in_use_is_sound() -> None:
    refuse_affected(apsw.sqlite_lib_version())
    refuse_affected("3.51.3")
    refuse_affected("4.0.0")
    with pytest.raises(StartupError, match="pip install --upgrade apsw"):
        refuse_affected("3.51.2")
