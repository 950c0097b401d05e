"""The two processes of `axon start`: who runs, how to begin and end one."""

import os
import subprocess
import sys
from collections.abc import Sequence
from enum import StrEnum
from http import HTTPStatus
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from time import sleep
from typing import Final
from urllib.parse import urlsplit

import psutil

from axonml.clock import monotonic
from axonml.config import Config
from axonml.errors import StartupError
from axonml.storage.lock import Holder, holder

READY_TIMEOUT_S: Final = 60.0
STOP_TIMEOUT_S: Final = 30.0
_POLL_S: Final = 0.05


class Part(StrEnum):
    """A process: the API (which serves the page too), or the page on its own port."""

    BACKEND = "backend"
    FRONTEND = "frontend"


class Started:
    """A process that was started and may not answer yet."""

    def __init__(self, config: Config, part: Part) -> None:
        self.part: Final = part
        self._config: Final = config
        logs = config.home / "logs"
        self._out: Final = logs / f"{part}.out"
        try:
            config.home.mkdir(mode=0o700, parents=True, exist_ok=True)
            logs.mkdir(mode=0o700, exist_ok=True)
            file = self._out.open("wb")
        except OSError as error:
            raise StartupError(
                f"cannot use the data folder {config.home}: {error.strerror};"
                " mend its permissions, or name another folder with AXONML_HOME"
            ) from None
        with file:
            # A session of its own: Ctrl-C and a closed terminal are not for it.
            self._child: Final = subprocess.Popen(
                command(part),
                cwd=config.home,
                env={**os.environ, "AXONML_HOME": str(config.home)},
                stdin=subprocess.DEVNULL,
                stdout=file,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    def wait_ready(self, deadline: float) -> None:
        """Return once the process answers.

        Raises:
            StartupError: it has ended (the sentence is its own), or does not answer in time.
        """
        while not self._answers():
            if self._child.poll() is not None:
                raise StartupError(self._last_line())
            if monotonic() > deadline:
                self.end()
                waited = f"{READY_TIMEOUT_S:.0f} s"
                raise StartupError(f"the {self.part} does not answer after {waited}: {self._out}")
            sleep(_POLL_S)

    def said(self) -> list[str]:
        """Return what the process told who started it."""
        lines = self._out.read_text(encoding="utf-8", errors="replace").splitlines()
        return [line.removeprefix("axon: ") for line in lines if line.startswith("axon: ")]

    def end(self) -> None:
        """Stop the process again."""
        self._child.terminate()
        try:
            _ = self._child.wait(STOP_TIMEOUT_S)
        except subprocess.TimeoutExpired:
            _kill_tree(self._child.pid)

    def _answers(self) -> bool:
        # The lock first: on a port that somebody else has, somebody else would answer.
        held = held_by(self._config, self.part)
        return held is not None and held.pid == self._child.pid and is_ready(held, self.part)

    def _last_line(self) -> str:
        lines = self._out.read_text(encoding="utf-8", errors="replace").strip().splitlines()
        if not lines:
            return f"the {self.part} ended with code {self._child.returncode} and said nothing"
        return lines[-1].removeprefix("axon: ")


def command(part: Part) -> list[str]:
    """Return the command line of a part, for the Python that runs this."""
    return [sys.executable, "-P", "-m", "axonml.server", "--part", part]


def lock_of(config: Config, part: Part) -> Path:
    """Return the lock that the process holds as long as it lives."""
    return config.home / ("server.lock" if part is Part.BACKEND else "dashboard.lock")


def held_by(config: Config, part: Part) -> Holder | None:
    """Return the process that runs as `part`, None where none does."""
    found = holder(lock_of(config, part))
    deadline = monotonic() + 1.0
    while found is not None and not found.pid and monotonic() < deadline:
        sleep(_POLL_S)  # it is just writing who it is
        found = holder(lock_of(config, part))
    return found


def is_ready(held: Holder, part: Part) -> bool:
    """Tell whether the process answers requests now."""
    return fetch(held.url, "/health/ready" if part is Part.BACKEND else "/axonml.json") is not None


def fetch(url: str, path: str) -> bytes | None:
    """Return what a process of this machine answers, None where it does not, or not with 200.

    The standard library's client: the larger one would double the time that `axon status` takes.
    """
    where = urlsplit(url)
    connection = HTTPConnection(where.hostname or "", where.port, timeout=2.0)
    try:
        connection.request("GET", path)
        answer = connection.getresponse()
        return answer.read() if answer.status == HTTPStatus.OK else None
    except (OSError, HTTPException):
        return None
    finally:
        connection.close()


def start(config: Config, parts: Sequence[Part]) -> list[Started]:
    """Start those of `parts` that do not run, together; return them once all answer.

    Raises:
        StartupError: one cannot run; those that this call started are stopped again.
    """
    started = [Started(config, part) for part in parts if held_by(config, part) is None]
    deadline = monotonic() + READY_TIMEOUT_S
    try:
        for process in started:
            process.wait_ready(deadline)
    except BaseException:
        for process in started:
            process.end()
        raise
    return started


def stop(config: Config, part: Part) -> bool:
    """End the process of `part`, gently for 30 s; tell whether there was one.

    Raises:
        StartupError: it is somebody else's process.
    """
    held = held_by(config, part)
    if held is None:
        return False
    try:
        process = psutil.Process(held.pid)
        process.terminate()
    except psutil.NoSuchProcess:
        return True  # it has ended by itself meanwhile
    except psutil.AccessDenied:
        raise StartupError(f"the {part} (pid {held.pid}) belongs to another user") from None
    deadline = monotonic() + STOP_TIMEOUT_S
    # The lock goes first, the process a moment later: both, so that its port is free again.
    while _still_holds(config, part, held) or _is_alive(process):
        if monotonic() > deadline:
            _kill_tree(held.pid)
            break
        sleep(_POLL_S)
    return True


def _still_holds(config: Config, part: Part, before: Holder) -> bool:
    now = holder(lock_of(config, part))
    return now is not None and now.pid in {0, before.pid}


def _is_alive(process: psutil.Process) -> bool:
    try:
        return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def _kill_tree(pid: int) -> None:
    try:
        process = psutil.Process(pid)
        family = [process, *process.children(recursive=True)]
    except psutil.NoSuchProcess:
        return
    for member in family:
        try:
            member.kill()
        except psutil.NoSuchProcess:
            continue
    _ = psutil.wait_procs(family, timeout=5)
