"""One process for one data folder: a lock that dies with its holder, so that it cannot lie."""

import fcntl
import os
import time
from pathlib import Path
from typing import Final

import msgspec

from axonml.clock import monotonic, now_ms
from axonml.errors import StartupError

_PROBE_S: Final = 0.2


class Holder(msgspec.Struct, frozen=True):
    """The process that holds a lock, and the address it serves."""

    pid: int
    started_ms: int
    url: str


class FolderLock:
    """An exclusive `flock` on a file; its content tells people and `axon status` who holds it."""

    def __init__(self, file: int) -> None:
        self._file: Final = file

    @classmethod
    def acquire(cls, path: Path, url: str) -> "FolderLock":
        """Take the lock and write who holds it.

        Raises:
            StartupError: another process has it; the sentence names its pid.
        """
        content = msgspec.json.encode(Holder(os.getpid(), now_ms(), url))
        try:
            file = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
            is_ours = _taken(file)
            if is_ours:
                os.ftruncate(file, 0)
                _ = os.pwrite(file, content, 0)
        except OSError as error:
            raise StartupError(
                f"cannot write to the data folder {path.parent}: {error.strerror};"
                " mend its permissions, or name another folder with AXONML_HOME"
            ) from None
        if is_ours:
            return cls(file)
        os.close(file)
        other = holder(path)
        who = f"pid {other.pid} ({other.url})" if other else "another process"
        raise StartupError(
            f"the data folder {path.parent} is in use by {who};"
            " stop it with `axon stop`, or name another folder with AXONML_HOME"
        )

    def release(self) -> None:
        """Give the lock back; a killed process has done so already.

        The content stays: a script that starts meanwhile learns where this folder's server will be.
        """
        os.close(self._file)


def _taken(file: int) -> bool:
    # `holder` takes the lock for a moment to see whether it is free: that is no reason to give up.
    until = monotonic() + _PROBE_S
    while True:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if monotonic() > until:
                return False
            time.sleep(0.01)
        else:
            return True


def holder(path: Path) -> Holder | None:
    """Return who holds the lock at `path` right now, or None where nobody does."""
    try:
        file = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    except OSError:
        return None
    try:
        fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        try:
            return msgspec.json.decode(os.pread(file, 4096, 0), type=Holder)
        except msgspec.DecodeError:  # it is just writing it
            return Holder(0, 0, "")
    else:
        return None
    finally:
        os.close(file)


def is_held(path: Path) -> bool:
    """Tell whether a living process holds the lock at `path`."""
    return holder(path) is not None
