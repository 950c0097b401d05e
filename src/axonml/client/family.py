"""Processes that the script starts through multiprocessing: they log to their parent's run."""

import os
import sys
from typing import Final

import psutil

from axonml.ids import is_id

_VARIABLE: Final = "AXON_PARENT_RUN"


def known_to_children(run_id: str, server: str = "") -> None:
    """Let processes that multiprocessing starts from here find the run, and its server."""
    os.environ[_VARIABLE] = f"{os.getpid()}:{run_id}:{server}"


def run_of_parent() -> str | None:
    """Return the run of the process that started this one through multiprocessing.

    A spawned process imports the script anew, `init` and all: that must not make another run. A
    program that the script starts otherwise has runs of its own.
    """
    if not _is_child():
        return None
    pid, run_id, _ = _said_above()
    if not pid.isdecimal() or not is_id(run_id):
        return None
    # Above this one, maybe with the server between them that multiprocessing forks from.
    is_ours = any(above.pid == int(pid) for above in psutil.Process().parents())
    return run_id if is_ours else None


def server_of_parent() -> str | None:
    """Return the server of that run."""
    return (_said_above()[2] or None) if run_of_parent() else None


def _said_above() -> tuple[str, str, str]:
    pid, _, rest = os.environ.get(_VARIABLE, "").partition(":")
    run_id, _, server = rest.partition(":")
    return pid, run_id, server


def _is_child() -> bool:
    process = sys.modules.get("multiprocessing.process")
    if process is None:
        return False
    # While it imports the script, a spawned process does not know its parent yet.
    return process.parent_process() is not None or bool(
        getattr(process.current_process(), "_inheriting", False)
    )
