"""A data folder opens, or one sentence says why not and what to do."""

import hashlib
import os
import re
import shutil
from pathlib import Path
from types import SimpleNamespace

import apsw
import pytest
from factories import a_batch, append
from privileges import a_folder_for_anyone, unprivileged

from axonml.config import Config, StorageConfig
from axonml.errors import StartupError
from axonml.storage.open import open_storage
from axonml.storage.protocols import Storage

pytestmark = pytest.mark.anyio


async def refusal(config: Config) -> str:
    """Return the sentence that says why the folder cannot be used."""
    with pytest.raises(StartupError) as refused:
        _ = await open_storage(config)
    sentence = refused.value.detail
    assert "\n" not in sentence
    return sentence


async def fill(home: Path) -> None:
    """Make a data folder with a point in it."""
    storage = await open_storage(Config(home))
    _ = await append(storage.series, "r", a_batch(1, 3))
    await storage.close()


async def n_points(storage: Storage) -> int:
    return (await storage.series.totals())["n_points"]


async def test_a_fresh_folder_is_made_for_its_owner_alone(tmp_path: Path) -> None:
    home = tmp_path / "deep" / "home"

    storage = await open_storage(Config(home))
    await storage.close()

    for folder in (home, *(home / name for name in ("models", "runs", "logs", "blobs"))):
        assert folder.stat().st_mode & 0o777 == 0o700
    assert {"axon.db", "metrics.db", "server.lock"} <= {path.name for path in home.iterdir()}


async def test_what_was_stored_is_there_after_opening_again(tmp_path: Path) -> None:
    await fill(tmp_path)

    storage = await open_storage(Config(tmp_path))

    assert await n_points(storage) == 3
    await storage.close()
    # Closed in order: the log beside each file is merged into it and gone.
    assert not (tmp_path / "axon.db-wal").exists()
    assert not (tmp_path / "metrics.db-wal").exists()


async def test_a_second_server_says_which_process_holds_the_folder(tmp_path: Path) -> None:
    storage = await open_storage(Config(tmp_path))

    sentence = await refusal(Config(tmp_path))

    await storage.close()
    assert f"in use by pid {os.getpid()}" in sentence
    assert "axon stop" in sentence
    await (await open_storage(Config(tmp_path))).close()


async def test_an_engine_that_is_not_there_is_named(tmp_path: Path) -> None:
    elsewhere = StorageConfig(url="postgresql://localhost/axonml")

    assert "url = 'postgresql://localhost/axonml'" in await refusal(
        Config(tmp_path, storage=elsewhere)
    )
    assert not (tmp_path / "axon.db").exists()


@pytest.mark.parametrize("version", ["3.7.0", "3.40.1", "3.51.2"])
async def test_a_sqlite_with_the_wal_reset_bug_is_refused(
    version: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(apsw, "sqlite_lib_version", lambda: version)

    assert f"SQLite {version} has the WAL-reset bug" in await refusal(Config(tmp_path))
    assert not (tmp_path / "axon.db").exists()


@pytest.mark.parametrize("name", ["axon.db", "metrics.db"])
async def test_a_newer_schema_is_refused_untouched(name: str, tmp_path: Path) -> None:
    await fill(tmp_path)
    with apsw.Connection(str(tmp_path / name)) as connection:
        _ = connection.execute("INSERT INTO schema_version (number, at) VALUES (99, 0)")
    connection.close()
    before = hashlib.sha256((tmp_path / name).read_bytes()).digest()

    sentence = await refusal(Config(tmp_path))

    assert re.search(rf"{name} has schema 99, this program knows \d+", sentence)
    assert hashlib.sha256((tmp_path / name).read_bytes()).digest() == before


@pytest.mark.parametrize("name", ["axon.db", "metrics.db"])
async def test_a_file_that_cannot_be_read_is_named(name: str, tmp_path: Path) -> None:
    await fill(tmp_path)
    whole = (tmp_path / name).read_bytes()

    _ = (tmp_path / name).write_bytes(b"this is no database " * 1000)
    assert f"{name} cannot be read" in await refusal(Config(tmp_path))
    _ = (tmp_path / name).write_bytes(whole[: len(whole) // 2])
    assert f"{name} cannot be read" in await refusal(Config(tmp_path))

    # What was refused was left as it was, and nothing stays locked.
    _ = (tmp_path / name).write_bytes(whole)
    storage = await open_storage(Config(tmp_path))
    assert await n_points(storage) == 3
    await storage.close()


async def test_a_database_of_another_program_is_left_alone(tmp_path: Path) -> None:
    with apsw.Connection(str(tmp_path / "axon.db")) as connection:
        _ = connection.execute("CREATE TABLE songs (title TEXT)")
    connection.close()

    assert "axon.db is a database of another program" in await refusal(Config(tmp_path))
    with apsw.Connection(str(tmp_path / "axon.db")) as connection:
        assert list(connection.execute("SELECT name FROM sqlite_schema")) == [("songs",)]
    connection.close()


async def test_a_folder_in_place_of_a_file_is_named(tmp_path: Path) -> None:
    (tmp_path / "metrics.db").mkdir()

    assert "metrics.db cannot be written" in await refusal(Config(tmp_path))


async def test_a_file_in_place_of_the_folder_is_named(tmp_path: Path) -> None:
    _ = (tmp_path / "home").write_text("not a folder")

    sentence = await refusal(Config(tmp_path / "home"))

    assert "cannot use the data folder" in sentence
    assert "AXONML_HOME" in sentence


async def test_a_read_only_folder_is_refused() -> None:
    with a_folder_for_anyone() as folder:
        home = folder / "home"
        await fill(home)
        for path in (home, *home.rglob("*")):
            path.chmod(0o555 if path.is_dir() else 0o444)

        with unprivileged():
            sentence = await refusal(Config(home))

    assert re.search(r"cannot write to the data folder .*Permission denied.*AXONML_HOME", sentence)


async def test_a_read_only_database_is_refused() -> None:
    with a_folder_for_anyone() as folder:
        home = folder / "home"
        await fill(home)
        home.chmod(0o777)
        for path in home.iterdir():
            path.chmod(0o777)
        (home / "metrics.db").chmod(0o444)

        with unprivileged():
            sentence = await refusal(Config(home))

    assert "metrics.db cannot be written" in sentence
    assert "permissions" in sentence


async def test_a_nearly_full_disk_is_named_before_anything_is_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    free = SimpleNamespace(free=5 << 20)
    monkeypatch.setattr(shutil, "disk_usage", {tmp_path: free}.__getitem__)

    assert "has 5 MiB left; free some space" in await refusal(Config(tmp_path))
    assert not (tmp_path / "axon.db").exists()
