"""One process for one data folder, and everybody else can see which."""

import os
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from axonml.errors import StartupError
from axonml.storage.lock import FolderLock, holder

HOLD = """
import sys, time
from pathlib import Path
from axonml.storage.lock import FolderLock
lock = FolderLock.acquire(Path(sys.argv[1]), "http://localhost:1")
print("held", flush=True)
sys.stdin.read()
"""


def test_the_second_process_is_told_who_holds_the_folder(tmp_path: Path) -> None:
    path = tmp_path / "server.lock"
    child = subprocess.Popen(
        [sys.executable, "-c", HOLD, str(path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    with child:
        assert child.stdout is not None
        assert child.stdout.readline() == b"held\n"

        with pytest.raises(
            StartupError, match=rf"in use by pid {child.pid} \(http://localhost:1\)"
        ):
            _ = FolderLock.acquire(path, "http://localhost:2")
        seen = holder(path)
        child.kill()

    assert seen is not None
    assert (seen.pid, seen.url) == (child.pid, "http://localhost:1")
    # A killed holder holds nothing: no stale file has to be removed by hand.
    assert holder(path) is None
    FolderLock.acquire(path, "http://localhost:2").release()


def test_nobody_holds_a_lock_that_was_never_taken_or_given_back(tmp_path: Path) -> None:
    path = tmp_path / "dashboard.lock"
    before = holder(path)
    lock = FolderLock.acquire(path, "http://localhost:8080")
    during = holder(path)
    lock.release()

    assert (before, holder(path)) == (None, None)
    assert during is not None
    assert during.pid == os.getpid()
    assert path.stat().st_mode & 0o777 == 0o600


def test_whoever_asks_does_not_keep_the_lock_from_whoever_takes_it(tmp_path: Path) -> None:
    path = tmp_path / "server.lock"
    done = threading.Event()

    def ask() -> None:
        while not done.is_set():
            _ = holder(path)

    asking = threading.Thread(target=ask)
    asking.start()
    try:
        for _ in range(200):
            FolderLock.acquire(path, "").release()
    finally:
        done.set()
        asking.join()


def test_a_folder_that_is_none_is_named(tmp_path: Path) -> None:
    _ = (tmp_path / "home").write_text("a file")

    with pytest.raises(StartupError, match=r"cannot write to the data folder .*home"):
        _ = FolderLock.acquire(tmp_path / "home" / "server.lock", "")
