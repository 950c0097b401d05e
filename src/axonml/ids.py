"""Identifiers: ULIDs, so that they sort by the time they were made.

Source: https://github.com/ulid/spec (48 bits of milliseconds, 80 random bits, Crockford base 32).
"""

import os
import re
from typing import NewType

from axonml.clock import now_ms

UserId = NewType("UserId", str)
SessionId = NewType("SessionId", str)
RunId = NewType("RunId", str)
ModelId = NewType("ModelId", str)
VersionId = NewType("VersionId", str)
EndpointId = NewType("EndpointId", str)

_ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_ULID = re.compile(r"[0-7][0-9A-HJKMNP-TV-Z]{25}")


def new_id() -> str:
    """Return a fresh ULID: 26 characters, sortable by creation time to the millisecond."""
    number = (now_ms() << 80) | int.from_bytes(os.urandom(10), "big")
    return "".join(_ALPHABET[(number >> shift) & 31] for shift in range(125, -5, -5))


def is_id(text: str) -> bool:
    """Tell whether `text` is a well-formed ULID in canonical upper case."""
    return _ULID.fullmatch(text) is not None
