"""One training job: started, stopped, its end written down. It outlives the server.

Run by its path, with the standard library alone: `python -I -S runner.py FOLDER`. The folder has

    job.json    {"command", "cwd", "environment", "grace_s"}: what to run
    lock        held by this process as long as it lives
    log.txt     what the command prints, as it comes
    state.json  {"pid", "began"}; at its end also "code", "is_killed", "is_out_of_memory", "problem"
    stop        once it is there, the command gets SIGTERM, and SIGKILL after the grace
    kill        once it is there, SIGKILL at once
"""

import contextlib
import ctypes
import fcntl
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

_POLL_S = 0.2
_DIE_WITH_PARENT = 1  # PR_SET_PDEATHSIG
_EVENTS = Path("/sys/fs/cgroup/memory.events")
_NOT_FOUND = 127


def main(folder: Path) -> int:
    """Run the job of `folder` to its end; return this process' exit code."""
    lock = os.open(folder / "lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return 1  # another runner has the job
    job: dict[str, Any] = json.loads((folder / "job.json").read_bytes())
    state: dict[str, Any] = {"began": time.time()}  # noqa: TID251  # no package is imported here
    n_killed = _n_out_of_memory()
    try:
        child = _started(folder, job)
    except OSError as error:
        what = error.filename or job["command"][0]
        state |= {"code": _NOT_FOUND, "problem": f"cannot start {what}: {error.strerror}"}
        _write(folder, state)
        return 0
    state["pid"] = child.pid
    with contextlib.suppress(OSError):  # a full disk must not end the training
        _write(folder, state)
    is_killed = _watched(folder, child, job["grace_s"])
    # Workers that the command has left behind end with it.
    _signal(child, signal.SIGKILL)
    state |= {"code": child.returncode, "is_killed": is_killed}
    state["is_out_of_memory"] = _n_out_of_memory() > n_killed
    while True:
        try:
            _write(folder, state)
        except OSError:  # until there is room for it: an end that is not written is a lost run
            time.sleep(1)
        else:
            return 0


def _started(folder: Path, job: dict[str, Any]) -> "subprocess.Popen[bytes]":
    file = os.open(folder / "log.txt", os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o600)
    try:
        return subprocess.Popen(
            job["command"],
            cwd=job["cwd"],
            env={**os.environ, **job["environment"]},
            stdin=subprocess.DEVNULL,
            stdout=file,
            stderr=subprocess.STDOUT,
            process_group=0,  # stopped as a whole
            preexec_fn=_die_with_parent,  # noqa: PLW1509  # this process has one thread
        )
    finally:
        os.close(file)


def _die_with_parent() -> None:
    # Where there is no prctl the server ends what a dead runner has left.
    with contextlib.suppress(AttributeError):
        ctypes.CDLL(None).prctl(_DIE_WITH_PARENT, signal.SIGKILL)


def _watched(folder: Path, child: "subprocess.Popen[bytes]", grace_s: float) -> bool:
    """Wait for the end; tell whether the command had to be killed."""
    kill_at = float("inf")
    is_killed = False
    while True:
        try:
            child.wait(_POLL_S)
        except subprocess.TimeoutExpired:
            if kill_at == float("inf") and (folder / "stop").exists():
                kill_at = time.monotonic() + grace_s
                _signal(child, signal.SIGTERM)
            if time.monotonic() >= kill_at or (folder / "kill").exists():
                is_killed = True
                _signal(child, signal.SIGKILL)
        else:
            return is_killed


def _signal(child: "subprocess.Popen[bytes]", number: signal.Signals) -> None:
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(child.pid, number)


def _n_out_of_memory() -> int:
    """Return how many processes of this control group the kernel has killed for their memory."""
    try:
        counts = dict(line.split() for line in _EVENTS.read_text().splitlines())
    except (OSError, ValueError):
        return 0
    return int(counts.get("oom_kill", 0))


def _write(folder: Path, state: dict[str, Any]) -> None:
    part = folder / "state.json.part"
    part.write_text(json.dumps(state))
    part.replace(folder / "state.json")


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
