"""What the SDK says to people: single lines on standard error, each warning once.

Never `warnings.warn`: a script that turns warnings into errors would be ended by its logger.
"""

import sys
import threading
from types import TracebackType
from typing import Final

_TOLD: Final = (TypeError, ValueError, OSError)
_said: Final[set[str]] = set()
_lock = threading.Lock()


def forked() -> None:
    """Begin with a fresh lock in the child of a fork: a thread of the parent may hold the old."""
    global _lock  # noqa: PLW0603  # one lock for the process, as there is one standard error
    _lock = threading.Lock()


def say(line: str) -> None:
    """Print one line; a standard error that is closed or missing is no reason to fail."""
    stream = sys.stderr
    try:
        _ = stream.write(f"axonml: {line}\n")
        stream.flush()
    except (OSError, ValueError, AttributeError):
        return


def warn_once(key: str, line: str) -> None:
    """Print `line` unless a warning with this `key` was printed before in this process."""
    with _lock:
        if key in _said:
            return
        _said.add(key)
    say(f"warning: {line}")


def forget(key: str) -> None:
    """Let the warning `key` be said again, since what it warned of has ended meanwhile."""
    with _lock:
        _said.discard(key)


class Quietly:
    """A `with` block out of which no error comes: it becomes one warning that says `doing` what."""

    def __init__(self, doing: str) -> None:
        self._doing: Final = doing

    def __enter__(self) -> None:
        return

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> bool:
        if not isinstance(error, Exception):
            return False
        name = type(error).__name__
        # The text of these is a sentence of its own.
        told = f"{error}" if isinstance(error, _TOLD) and f"{error}" else f"{name}: {error}"
        warn_once(f"{self._doing} {name}", f"{self._doing} did not succeed: {told}")
        return True
