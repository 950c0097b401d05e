"""One training job: started, stopped, its end written down. It outlives the server.

Run by its path, with the standard library alone: `python -I -S runner.py FOLDER`. The folder has

    job.json    what to run: "command", "cwd", "environment", "grace_s" and "max_seconds" (or null)
                till it is stopped, "log_bytes" of its log at most, and "mark": what `AXON_JOB` is
                in the environment of every process of the job
    lock        held by this process as long as it lives
    log.txt     what the command prints, as it comes; attempts follow each other
    state.json  {"pid", "session", "boot", "began"}; at its end also "code", "is_killed",
                "is_out_of_memory", "last_line", "problem"
    stop        once it is there, the command gets SIGTERM, and SIGKILL after the grace
    kill        once it is there, SIGKILL at once
"""

import contextlib
import ctypes
import fcntl
import json
import os
import select
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

_POLL_S = 0.2
_DIE_WITH_PARENT = 1  # PR_SET_PDEATHSIG
_EVENTS = Path("/sys/fs/cgroup/memory.events")
_BOOT = Path("/proc/sys/kernel/random/boot_id")
_NOT_FOUND = 127
_READ = 1 << 16
_PIPE = 1 << 20
_ROUNDS = 100
_TAIL = 300


def main(folder: Path) -> int:
    """Run the job of `folder` to its end; return this process' exit code."""
    lock = os.open(folder / "lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return 1  # another runner has the job
    job: dict[str, Any] = json.loads((folder / "job.json").read_bytes())
    state: dict[str, Any] = {
        "began": time.time(),  # noqa: TID251  # no package is imported here
        "session": os.getsid(0),
        "boot": _boot(),
    }
    n_killed = _n_out_of_memory()
    try:
        log = _Log(folder / "log.txt", job["log_bytes"])
        child = _started(job, log)
    except OSError as error:
        state |= {"code": _NOT_FOUND, "problem": _why_not(folder, job, error)}
        _write_at_last(folder, state)
        return 0
    state["pid"] = child.pid
    with contextlib.suppress(OSError):  # a full disk must not end the training
        _write(folder, state)
    state |= _watched(folder, child, job, log)
    # Workers that the command has left behind end with it.
    _signal(child, signal.SIGKILL)
    _end_marked(job["mark"])
    state["last_line"] = log.finish()
    state |= {"code": child.returncode, "is_out_of_memory": _n_out_of_memory() > n_killed}
    _write_at_last(folder, state)
    return 0


class _Log:
    """What the command prints: through a pipe to the file, so that it can end before the command.

    The command never waits for room on the disk, nor does a full one end it.
    """

    def __init__(self, path: Path, limit: int) -> None:
        flags = os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC
        self._file = os.open(path, flags, 0o600)
        self._limit = self._left = limit
        self._tail = b""
        self._n_missing = 0
        self._why = ""
        self._is_open = True
        self._is_in_line = False
        self._source, self.target = os.pipe()
        os.set_blocking(self._source, False)
        with contextlib.suppress(AttributeError, OSError):  # a bigger pipe, where one can be had
            fcntl.fcntl(self._source, fcntl.F_SETPIPE_SZ, _PIPE)

    def copy(self, child: "subprocess.Popen[bytes]", wait_s: float) -> None:
        """Copy what is there; wait for some, or for the command's end, so long at most."""
        if not self._is_open:
            with contextlib.suppress(subprocess.TimeoutExpired):
                child.wait(wait_s)
        elif select.select([self._source], [], [], wait_s)[0]:
            self._take()

    def finish(self) -> str:
        """Copy what is left, and return the last line; who else holds the pipe prints to nobody."""
        for _ in range(_PIPE // _READ + 1):
            if not self._is_open or not select.select([self._source], [], [], 0)[0]:
                break
            self._take()
        self._say_what_is_missing()
        lines = self._tail.replace(b"\r", b"\n").decode(errors="replace").split("\n")
        return next((line.strip() for line in reversed(lines) if line.strip()), "")

    def _take(self) -> None:
        try:
            data = os.read(self._source, _READ)
        except BlockingIOError:
            return
        self._is_open = bool(data)
        self._tail = (self._tail + data)[-_TAIL:]
        if self._left <= 0:
            return
        kept = data if len(data) < self._left else data[: data.rfind(b"\n", 0, self._left) + 1]
        self._say_what_is_missing()
        self._write(kept)
        self._left -= len(data)
        if self._left <= 0:
            size = f"{self._limit / (1 << 20):g} MiB"
            rest = "the training goes on, and what it prints from here on is not kept"
            self._say(f"log stopped at {size}: {rest}")

    def _say_what_is_missing(self) -> None:
        if self._n_missing:
            n, self._n_missing = self._n_missing, 0
            self._say(f"{n} bytes of the log are missing here: {self._why}", n)

    def _say(self, line: str, n_bytes: int | None = None) -> None:
        begin = "\n" if self._is_in_line else ""
        self._write(f"{begin}{line}\n".encode(), n_bytes)

    def _write(self, data: bytes, n_bytes: int | None = None) -> None:
        """Write it, or count the `n_bytes` that it stands for as missing."""
        try:
            while data:
                n_written = os.write(self._file, data)
                self._is_in_line = not data[:n_written].endswith(b"\n")
                data = data[n_written:]
        except OSError as error:
            self._n_missing += len(data) if n_bytes is None else n_bytes
            self._why = error.strerror or str(error)


def _started(job: dict[str, Any], log: _Log) -> "subprocess.Popen[bytes]":
    try:
        return subprocess.Popen(
            job["command"],
            cwd=job["cwd"],
            env={**os.environ, **job["environment"], "AXON_JOB": job["mark"]},
            stdin=subprocess.DEVNULL,
            stdout=log.target,
            stderr=subprocess.STDOUT,
            process_group=0,  # stopped as a whole
            preexec_fn=_die_with_parent,  # noqa: PLW1509  # this process has one thread
        )
    finally:
        os.close(log.target)


def _why_not(folder: Path, job: dict[str, Any], error: OSError) -> str:
    if error.filename == str(folder / "log.txt"):
        return f"cannot write its log: {error.strerror}"
    if error.filename == job["cwd"]:
        return f"cannot start in the folder {error.filename}: {error.strerror}"
    return f"cannot start {error.filename or job['command'][0]}: {error.strerror}"


def _die_with_parent() -> None:
    # Where there is no prctl the server ends what a dead runner has left.
    with contextlib.suppress(AttributeError):
        ctypes.CDLL(None).prctl(_DIE_WITH_PARENT, signal.SIGKILL)


def _watched(
    folder: Path, child: "subprocess.Popen[bytes]", job: dict[str, Any], log: _Log
) -> dict[str, Any]:
    """Wait for the end; tell whether the command had to be killed, and why it was stopped."""
    kill_at = look_at = float("-inf")
    stop_at = time.monotonic() + (job["max_seconds"] or float("inf"))
    is_asked = is_killed = is_overtime = False
    while child.poll() is None:
        log.copy(child, _POLL_S)
        at = time.monotonic()
        if at < look_at:
            continue
        look_at = at + _POLL_S
        is_late = at >= stop_at
        if not is_asked and (is_late or (folder / "stop").exists()):
            is_asked, is_overtime = True, is_late
            kill_at = at + job["grace_s"]
            _signal(child, signal.SIGTERM)
        if (is_asked and at >= kill_at) or (folder / "kill").exists():
            is_killed = True
            _signal(child, signal.SIGKILL)
    problem = f"time limit of {job['max_seconds']:g} s" if is_overtime else ""
    return {"is_killed": is_killed, "problem": problem}


def _signal(child: "subprocess.Popen[bytes]", number: signal.Signals) -> None:
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(child.pid, number)


def _end_marked(mark: str) -> None:
    """Kill what the command has left behind in groups and sessions of its own."""
    wanted = f"AXON_JOB={mark}".encode()
    for _ in range(_ROUNDS):  # one that is about to be killed may just have made another
        n_left = 0
        for each in Path("/proc").glob("[0-9]*"):
            with contextlib.suppress(OSError, AttributeError):
                process = os.pidfd_open(int(each.name))  # first: the number may be another's then
                try:
                    if wanted in (each / "environ").read_bytes().split(b"\0"):
                        signal.pidfd_send_signal(process, signal.SIGKILL)
                        n_left += 1
                finally:
                    os.close(process)
        if not n_left:
            return
        time.sleep(0.01)


def _boot() -> str:
    with contextlib.suppress(OSError):
        return _BOOT.read_text().strip()
    return ""


def _n_out_of_memory() -> int:
    """Return how many processes of this control group the kernel has killed for their memory."""
    try:
        counts = dict(line.split() for line in _EVENTS.read_text().splitlines())
    except (OSError, ValueError):
        return 0
    return int(counts.get("oom_kill", 0))


def _write_at_last(folder: Path, state: dict[str, Any]) -> None:
    """Write the end down, once there is room for it: one that is not written is a lost run."""
    while True:
        try:
            _write(folder, state)
        except FileNotFoundError:  # its run was purged
            return
        except OSError:
            time.sleep(1)
        else:
            return


def _write(folder: Path, state: dict[str, Any]) -> None:
    part = folder / "state.json.part"
    part.write_text(json.dumps(state))
    part.replace(folder / "state.json")


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
