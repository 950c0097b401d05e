"""SQLite files: opened with the pragmas that the promises need, migrated, or refused."""

import math
import struct
from collections.abc import Generator
from contextlib import contextmanager
from importlib.resources import files
from pathlib import Path
from typing import Any, Final, cast

import apsw

from axonml.clock import now_ms
from axonml.errors import StartupError
from axonml.storage.protocols import Row

# The WAL-reset bug could corrupt a database that two processes write: https://sqlite.org/wal.html
_SOUND_VERSION: Final = (3, 51, 3)
_LOG_BYTES: Final = 64 << 20  # what is left of the write-ahead log after a burst


def refuse_affected(version: str) -> None:
    """Raise `StartupError` for a SQLite with the WAL-reset bug (3.7.0 to 3.51.2)."""
    if tuple(int(part) for part in version.split(".")[:3]) < _SOUND_VERSION:
        raise StartupError(
            f"SQLite {version} has the WAL-reset bug that can corrupt data (fixed in 3.51.3);"
            " update with `pip install --upgrade apsw`"
        )


def query(connection: apsw.Connection, sql: str, *parameters: object) -> list[Row]:
    """Run one statement; return its rows, which the schema types better than apsw can."""
    return cast("list[Row]", connection.execute(sql, cast("Any", parameters)).fetchall())


@contextmanager
def snapshot(connection: apsw.Connection) -> Generator[None]:
    """Let every read of the body see the same moment."""
    _ = connection.execute("BEGIN")
    try:
        yield
    finally:
        _ = connection.execute("COMMIT")


def connect(
    path: Path, durability: str, *, read_only: bool = False, beside: Path | None = None
) -> apsw.Connection:
    """Return a connection to the file, and to the tables of `beside`.

    `durability` "full" fsyncs every commit: an acknowledged point survives a power cut. "relaxed"
    leaves that to the next checkpoint: it survives a kill of the process only.
    """
    flags = apsw.SQLITE_OPEN_READWRITE | (0 if read_only else apsw.SQLITE_OPEN_CREATE)
    connection = apsw.Connection(str(path), flags=flags)
    connection.set_busy_timeout(10_000)
    for pragma in (
        "page_size = 4096",
        "auto_vacuum = INCREMENTAL",
        "journal_mode = WAL",
        f"synchronous = {'FULL' if durability == 'full' else 'NORMAL'}",
        "foreign_keys = ON",
        "temp_store = MEMORY",
        f"journal_size_limit = {_LOG_BYTES}",
        "cache_size = -16384",
        f"query_only = {int(read_only)}",
    ):
        _ = query(connection, f"PRAGMA {pragma}")
    if beside is not None:
        _ = query(connection, "ATTACH $1 AS beside", str(beside))
    return connection


def migrate(connection: apsw.Connection, schema: str, path: Path) -> None:
    """Bring the file to this program's schema: numbered SQL files, in one transaction.

    Raises:
        StartupError: the file is newer than this program, or another program's; it is left as
            it was.
    """
    folder = files("axonml.storage.embedded") / "migrations" / schema
    steps = sorted((int(f.name[:4]), f) for f in folder.iterdir() if f.name.endswith(".sql"))
    tables = {row[0] for row in query(connection, "SELECT name FROM sqlite_schema")}
    done: set[int] = set()
    if "schema_version" in tables:
        done = {number for (number,) in query(connection, "SELECT number FROM schema_version")}
    elif tables:
        raise StartupError(
            f"{path} is a database of another program; move it away, or name another folder with"
            " AXONML_HOME"
        )
    current, newest = max(done, default=0), steps[-1][0]
    if current > newest:
        raise StartupError(
            f"{path} has schema {current}, this program knows {newest}: it was written by a newer"
            " axonml; update with `pip install --upgrade axonml-dashboard`"
        )
    # One by one: a number below the newest may have come with a later version.
    missing = [(number, step) for number, step in steps if number not in done]
    if not missing:
        return
    connection.create_scalar_function("real_of", cast("Any", _real_of), 1, deterministic=True)
    with connection:
        sql = "CREATE TABLE IF NOT EXISTS schema_version (number INTEGER PRIMARY KEY, at INTEGER)"
        _ = connection.execute(sql)
        for number, step in missing:
            _ = query(connection, step.read_text(encoding="utf-8"))
            sql = "INSERT INTO schema_version (number, at) VALUES ($1, $2)"
            _ = query(connection, sql, number, now_ms())


def _real_of(value: object) -> float | None:
    (number,) = struct.unpack("<d", value) if isinstance(value, bytes) else (math.nan,)
    return None if math.isnan(number) else number


def open_file(path: Path, schema: str, durability: str) -> apsw.Connection:
    """Return a writable, migrated connection to the file, which is made where it is not there.

    Raises:
        StartupError: it cannot be opened, read or written; the sentence names it.
    """
    try:
        connection = connect(path, durability)
        migrate(connection, schema, path)
        # SQLite opens a write-protected file all the same, to read: this says so now.
        _ = connection.execute("BEGIN IMMEDIATE; ROLLBACK")
    except (apsw.NotADBError, apsw.CorruptError) as error:
        raise StartupError(
            f"{path} cannot be read: {error}; restore it from a backup, or move it away"
        ) from None
    except (apsw.CantOpenError, apsw.ReadOnlyError, apsw.PermissionsError) as error:
        raise StartupError(
            f"{path} cannot be written: {error}; mend its permissions and those of its folder"
        ) from None
    except apsw.BusyError:
        raise StartupError(
            f"{path} is held by another program (a `sqlite3` shell?); close that and start again"
        ) from None
    except (apsw.FullError, apsw.IOError) as error:
        raise StartupError(f"{path} cannot be written: {error}; free space on the disk") from None
    return connection
