"""The process beside each training: its log, its limits, and what it leaves behind."""

import json
import os
import resource
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import psutil

from axonml import runner

LIMIT_S = 30


def begin(folder: Path, script: str, **fields: Any) -> "subprocess.Popen[bytes]":
    """Start a runner for a shell script in `folder`."""
    job: dict[str, Any] = {
        "command": ["/bin/sh", "-c", script],
        "cwd": str(folder),
        "environment": {},
        "grace_s": 1.0,
        "max_seconds": None,
        "log_bytes": 1 << 20,
        "mark": f"test-{folder}",
        **fields,
    }
    _ = (folder / "job.json").write_text(json.dumps(job))
    return subprocess.Popen([sys.executable, "-I", "-S", runner.__file__, str(folder)])


def ended(folder: Path, script: str, **fields: Any) -> dict[str, Any]:
    """Run a script to its end and return what is written of it."""
    with begin(folder, script, **fields) as process:
        assert process.wait(LIMIT_S) == 0
    return dict(json.loads((folder / "state.json").read_bytes()))


def wait_for(condition: Callable[[], bool], what: str) -> None:
    deadline = time.monotonic() + LIMIT_S
    while not condition():
        assert time.monotonic() < deadline, what
        time.sleep(0.02)


def text_of(path: Path) -> str:
    return path.read_text() if path.exists() else ""


def test_what_is_printed_is_the_log_whole_and_in_order(tmp_path: Path) -> None:
    state = ended(tmp_path, "seq 50000; echo more >&2; printf 'no end'")

    lines = text_of(tmp_path / "log.txt").split("\n")
    assert lines == [*(str(i) for i in range(1, 50001)), "more", "no end"]
    assert (state["code"], state["last_line"]) == (0, "no end")


def test_a_log_stops_at_its_length_and_the_training_does_not(tmp_path: Path) -> None:
    state = ended(tmp_path, "seq 200000; touch done; echo the last; exit 3", log_bytes=1 << 16)

    log = text_of(tmp_path / "log.txt")
    *kept, cut, last, _ = log.split("\n")
    assert last.startswith("log stopped at 0.0625 MiB: the training goes on")
    assert kept == [str(i) for i in range(1, len(kept) + 1)]
    # A whole line, unless its beginning was read before the rest that there was no room for.
    assert str(len(kept) + 1).startswith(cut)
    assert (1 << 16) - 8 < len(log) - len(last) - 1 <= (1 << 16) + 1
    assert (tmp_path / "done").exists()
    assert (state["code"], state["last_line"]) == (3, "the last")


def test_a_line_longer_than_the_log_does_not_stop_the_training_either(tmp_path: Path) -> None:
    state = ended(tmp_path, "head -c 300000 /dev/zero; echo; echo the last", log_bytes=1 << 16)

    log = text_of(tmp_path / "log.txt")
    assert (state["code"], state["last_line"]) == (0, "the last")
    assert len(log) < (1 << 16) + 200
    assert log.split("\n")[-2].startswith("log stopped at 0.0625 MiB")


def test_a_training_goes_on_where_its_log_finds_no_room(tmp_path: Path) -> None:
    # Every write to it is ENOSPC, as on a full disk.
    (tmp_path / "log.txt").symlink_to("/dev/full")

    state = ended(tmp_path, "seq 100000; touch done; echo the last")

    assert (tmp_path / "done").exists()
    assert (state["code"], state["last_line"]) == (0, "the last")


def test_a_log_says_what_is_missing_once_there_is_room_again(tmp_path: Path) -> None:
    script = "echo before; until test -e go; do sleep 0.02; done; seq 10; touch said;"
    script += " until test -e end; do sleep 0.02; done; echo after"
    with begin(tmp_path, script) as process:
        wait_for(lambda: text_of(tmp_path / "log.txt") == "before\n", "it printed nothing")
        beside = psutil.Process(process.pid)
        _, hard = beside.rlimit(resource.RLIMIT_FSIZE)
        beside.rlimit(resource.RLIMIT_FSIZE, (len("before\n"), hard))
        (tmp_path / "go").touch()
        wait_for((tmp_path / "said").exists, "the training waits for its log")
        beside.rlimit(resource.RLIMIT_FSIZE, (hard, hard))
        (tmp_path / "end").touch()
        assert process.wait(LIMIT_S) == 0

    log = text_of(tmp_path / "log.txt")
    assert log == "before\n21 bytes of the log are missing here: File too large\nafter\n"


def test_an_end_is_written_once_there_is_room_for_it(tmp_path: Path) -> None:
    with begin(tmp_path, "until test -e go; do sleep 0.02; done; exit 5") as process:
        wait_for((tmp_path / "state.json").exists, "it did not start")
        beside = psutil.Process(process.pid)
        command = beside.children()[0]
        _, hard = beside.rlimit(resource.RLIMIT_FSIZE)
        beside.rlimit(resource.RLIMIT_FSIZE, (0, hard))
        (tmp_path / "go").touch()
        wait_for(lambda: not command.is_running(), "the training does not end")
        assert process.poll() is None
        beside.rlimit(resource.RLIMIT_FSIZE, (hard, hard))
        assert process.wait(LIMIT_S) == 0

    assert json.loads(text_of(tmp_path / "state.json"))["code"] == 5


def test_a_training_out_of_time_is_stopped_with_grace(tmp_path: Path) -> None:
    script = "trap 'echo saved; exit 0' TERM; while true; do sleep 0.02; done"

    state = ended(tmp_path, script, max_seconds=0.3, grace_s=20.0)

    assert text_of(tmp_path / "log.txt").split("\n")[-2] == "saved"
    assert (state["code"], state["is_killed"]) == (0, False)
    assert state["problem"] == "time limit of 0.3 s"


def test_a_training_out_of_time_that_does_not_stop_is_killed(tmp_path: Path) -> None:
    script = "trap '' TERM; while true; do sleep 0.02; done"

    state = ended(tmp_path, script, max_seconds=0.2, grace_s=0.2)

    assert (state["code"], state["is_killed"]) == (-9, True)
    assert state["problem"] == "time limit of 0.2 s"


def test_what_a_training_leaves_behind_ends_with_it(tmp_path: Path) -> None:
    script = "sleep 100 & echo $!; setsid sleep 100 & echo $!; exit 0"

    _ = ended(tmp_path, script)

    left = [int(line) for line in text_of(tmp_path / "log.txt").split()]
    assert len(left) == 2
    wait_for(lambda: not any(is_alive(pid) for pid in left), f"{left} go on")


def test_a_folder_that_is_gone_and_a_log_that_cannot_be_written_are_told(tmp_path: Path) -> None:
    nowhere = str(tmp_path / "nowhere")
    gone = ended(tmp_path, "true", cwd=nowhere)
    (tmp_path / "log.txt").unlink()
    (tmp_path / "log.txt").mkdir()
    no_log = ended(tmp_path, "true")

    assert (gone["code"], no_log["code"]) == (127, 127)
    assert gone["problem"] == f"cannot start in the folder {nowhere}: No such file or directory"
    assert no_log["problem"] == "cannot write its log: Is a directory"


def test_a_job_has_one_runner(tmp_path: Path) -> None:
    with begin(tmp_path, "until test -e go; do sleep 0.02; done") as first:
        wait_for((tmp_path / "state.json").exists, "it did not start")
        with begin(tmp_path, "until test -e go; do sleep 0.02; done") as second:
            assert second.wait(LIMIT_S) == 1
        (tmp_path / "go").touch()
        assert first.wait(LIMIT_S) == 0


def is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
        return psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
    except (ProcessLookupError, psutil.NoSuchProcess):
        return False
