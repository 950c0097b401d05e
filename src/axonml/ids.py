"""Identifiers: ULIDs, so that they sort by the time they were made.

Source: https://github.com/ulid/spec (48 bits of milliseconds, 80 random bits, Crockford base 32).
"""

import os
import re
import threading
from typing import Final, NewType

from axonml.clock import now_ms

UserId = NewType("UserId", str)
SessionId = NewType("SessionId", str)
RunId = NewType("RunId", str)
ModelId = NewType("ModelId", str)
VersionId = NewType("VersionId", str)
EndpointId = NewType("EndpointId", str)

_ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_ULID = re.compile(r"[0-7][0-9A-HJKMNP-TV-Z]{25}")


class _Ulids:
    """Counts up within a millisecond, so that the order of ids is the order they were made in."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._last = 0
        os.register_at_fork(after_in_child=self._forked)

    def _forked(self) -> None:
        """Begin with a fresh lock in the child of a fork: a thread of the parent may hold it."""
        self._lock = threading.Lock()

    def next(self) -> int:
        fresh = (now_ms() << 80) | int.from_bytes(os.urandom(10), "big")
        with self._lock:
            # A clock that was set back keeps counting too, until it has caught up.
            step = 1 + int.from_bytes(os.urandom(4), "big")
            self._last = fresh if fresh >> 80 > self._last >> 80 else self._last + step
            return self._last


_ulids: Final = _Ulids()


def new_id() -> str:
    """Return a fresh ULID: 26 characters; ids of one process sort in the order they were made."""
    number = _ulids.next()
    return "".join(_ALPHABET[(number >> shift) & 31] for shift in range(125, -5, -5))


def is_id(text: str) -> bool:
    """Tell whether `text` is a well-formed ULID in canonical upper case."""
    return _ULID.fullmatch(text) is not None
