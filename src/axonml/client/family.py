"""Processes that the script starts through multiprocessing: they log to their parent's run."""

import os
import sys
from typing import Final

from axonml.ids import is_id

_VARIABLE: Final = "AXON_PARENT_RUN"


def known_to_children(run_id: str) -> None:
    """Let processes that multiprocessing starts from here find the run."""
    os.environ[_VARIABLE] = f"{os.getpid()}:{run_id}"


def run_of_parent() -> str | None:
    """Return the run of the process that started this one through multiprocessing.

    A spawned process imports the script anew, `init` and all: that must not make another run. A
    program that the script starts otherwise has runs of its own.
    """
    process = sys.modules.get("multiprocessing.process")
    parent = process.parent_process() if process is not None else None
    if parent is None:
        return None
    pid, _, run_id = os.environ.get(_VARIABLE, "").partition(":")
    return run_id if pid == str(parent.pid) and is_id(run_id) else None
