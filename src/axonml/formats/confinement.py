"""What a process that reads strangers' files gives up before it opens one."""

import contextlib
import ctypes
import os
import resource
import signal
import sys
from pathlib import Path
from typing import Final

_PR_SET_PDEATHSIG: Final = 1
_OOM_SCORE: Final = "500"


def die_with_parent(parent: int) -> None:
    """End this process when `parent` ends, however that ends; must run in the process itself."""
    if sys.platform == "linux":
        _ = ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    # The parent may have ended before the call above.
    if os.getppid() != parent:
        os._exit(1)


def be_killed_first() -> None:
    """Let the kernel end this process before the server when memory runs out."""
    with contextlib.suppress(OSError):
        _ = Path("/proc/self/oom_score_adj").write_text(_OOM_SCORE, encoding="ascii")


def limit(kind: int, most: int) -> None:
    """Set the limit `kind` of `resource` to `most`, or to what the system allows below it."""
    _, hard = resource.getrlimit(kind)
    ceiling = most if hard == resource.RLIM_INFINITY else min(most, hard)
    with contextlib.suppress(OSError, ValueError):
        resource.setrlimit(kind, (ceiling, hard))
