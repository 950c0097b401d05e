import subprocess
import sys
from pathlib import Path

import psutil
import pytest
from cli.axon import Axon

from axonml.cli import processes
from axonml.cli.processes import Part, fetch, held_by, stop
from axonml.errors import StartupError
from axonml.storage.lock import FolderLock

STUBBORN = """
import signal, subprocess, sys
from pathlib import Path
from axonml.storage.lock import FolderLock
signal.signal(signal.SIGTERM, signal.SIG_IGN)
child = subprocess.Popen([sys.executable, "-c", "import signal; signal.pause()"])
lock = FolderLock.acquire(Path(sys.argv[1]), "http://localhost:1")
print(child.pid, flush=True)
signal.pause()
"""


def test_a_process_that_does_not_listen_is_ended_with_its_family(
    axon: Axon, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(processes, "STOP_TIMEOUT_S", 0.5)
    axon.home.mkdir()
    with subprocess.Popen(
        [sys.executable, "-c", STUBBORN, str(axon.home / "server.lock")],
        stdout=subprocess.PIPE,
        text=True,
    ) as stubborn:
        assert stubborn.stdout is not None
        grandchild = psutil.Process(int(stubborn.stdout.readline()))

        was_there = stop(axon.config, Part.BACKEND)

        _ = stubborn.wait(10)
    assert was_there
    assert held_by(axon.config, Part.BACKEND) is None
    assert not grandchild.is_running() or grandchild.status() == psutil.STATUS_ZOMBIE


def test_only_the_holder_of_the_lock_is_ended_never_a_number_in_a_file(axon: Axon) -> None:
    axon.home.mkdir()
    bystander = subprocess.Popen([sys.executable, "-c", "import signal; signal.pause()"])
    try:
        left = f'{{"pid": {bystander.pid}, "started_ms": 1, "url": "http://localhost:1"}}'
        _ = (axon.home / "server.lock").write_text(left)

        was_there = stop(axon.config, Part.BACKEND)

        assert not was_there
        assert bystander.poll() is None
    finally:
        bystander.kill()
        _ = bystander.wait()


def test_who_holds_the_lock_is_known(axon: Axon) -> None:
    axon.home.mkdir()
    before = held_by(axon.config, Part.FRONTEND)
    lock = FolderLock.acquire(axon.home / "dashboard.lock", "http://localhost:1")
    held = held_by(axon.config, Part.FRONTEND)
    lock.release()

    assert before is None
    assert held is not None
    assert held.url == "http://localhost:1"


def test_nobody_answering_is_no_answer() -> None:
    assert fetch("http://127.0.0.1:9", "/health/ready") is None


def test_a_log_folder_that_cannot_be_made_is_said(axon: Axon, tmp_path: Path) -> None:
    axon.home.mkdir()
    _ = (axon.home / "logs").write_text("a file")

    with pytest.raises(StartupError, match="AXONML_HOME"):
        _ = processes.start(axon.config, [Part.FRONTEND])
