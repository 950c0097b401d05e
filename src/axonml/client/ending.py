"""How a script ends: on its own, by an error, by Ctrl-C."""

import sys
from collections.abc import Callable
from types import TracebackType
from typing import Final, cast

from axonml.client.notices import warn_once
from axonml.client.spool import Ending

_FINAL: Final = ("completed", "failed", "stopped")
_MAX_REASON: Final = 4_096
OnError = Callable[[Ending], None]


def ending_of(error: BaseException) -> Ending:
    """Return how a run ends whose script lets `error` pass."""
    match error:
        case KeyboardInterrupt():
            return Ending("stopped", "interrupted from the keyboard")
        case SystemExit(code=None | 0):
            return Ending("completed")
        case SystemExit(code=code):
            return Ending("failed", f"the script exited with {code}"[:_MAX_REASON])
        case _:
            return Ending("failed", f"{type(error).__name__}: {error}"[:_MAX_REASON])


def final_status(said: object) -> str | None:
    """Return how a run ends by its script's word or exit code; None for no word, or a wrong one."""
    if isinstance(said, int):  # as `wandb.finish(exit_code)` has it
        return "failed" if said else "completed"
    if said is None or said in _FINAL:
        return cast("str | None", said)
    words = '"completed", "failed" or "stopped"'
    warn_once("status", f"a run finishes as {words}, not {said!r:.40}; left out")
    return None


def watch_errors(on_error: OnError) -> None:
    """Call `on_error` when an error is about to end the script, then show it as before."""
    before = sys.excepthook

    def hook(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
        on_error(ending_of(error))
        before(kind, error, trace)

    sys.excepthook = hook


def at_worker_exit(leave: Callable[[], None]) -> None:
    """Call `leave` when this process, forked by multiprocessing, ends: it runs no atexit."""
    util = sys.modules.get("multiprocessing.util")
    if util is not None:
        util.Finalize(None, leave, exitpriority=1)
