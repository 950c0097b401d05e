"""Universal Binary JSON, draft 12, as XGBoost writes it: bounded in depth, count and bytes.

Source: https://ubjson.org, and XGBoost's src/common/json.cc.
"""

import struct
from typing import Any, Final

import numpy as np

# A value of any kind; what it is turns out where it is used.
Decoded = Any
_MAX_DEPTH: Final = 32
_MAX_VALUES: Final = 10_000_000
_DTYPES: Final = {
    b"i": ">i1", b"U": ">u1", b"I": ">i2", b"u": ">u2", b"l": ">i4", b"L": ">i8",
    b"d": ">f4", b"D": ">f8",
}  # fmt: skip
_CONSTANTS: Final[dict[bytes, object]] = {b"Z": None, b"T": True, b"F": False}


class BadUbjson(ValueError):
    """The bytes are no UBJSON; says where."""


def decode(raw: bytes) -> Decoded:
    """Return the value; arrays of one type are numpy arrays that share the bytes of `raw`."""
    reader = _Reader(raw)
    value = reader.value(reader.take(1), 0)
    if reader.at != len(raw):
        raise BadUbjson(f"{len(raw) - reader.at} bytes follow its end")
    return value


class _Reader:
    """Reads from `at` on; whatever is asked for must be there."""

    def __init__(self, raw: bytes) -> None:
        self._raw: Final = raw
        self._n_values = 0
        self.at = 0

    def take(self, n_bytes: int) -> bytes:
        """Return the next bytes."""
        if n_bytes < 0 or n_bytes > len(self._raw) - self.at:
            raise BadUbjson(f"it ends at byte {len(self._raw)}, where more is announced")
        self.at += n_bytes
        return self._raw[self.at - n_bytes : self.at]

    def value(self, kind: bytes, depth: int) -> Decoded:
        """Return the value of that kind, which is read already."""
        self._n_values += 1
        if depth > _MAX_DEPTH or self._n_values > _MAX_VALUES:
            raise BadUbjson("it is nested too deeply, or has too many values")
        if kind == b"{":
            return self._object(depth)
        if kind == b"[":
            return self._array(depth)
        if kind == b"S":
            return self._text()
        if kind == b"C":
            return self.take(1).decode("ascii")
        if kind in _CONSTANTS:
            return _CONSTANTS[kind]
        if kind in _DTYPES:
            form = _DTYPES[kind]
            return np.frombuffer(self.take(int(form[2])), form)[0].item()
        raise BadUbjson(f"it has an unknown kind {kind!r} at byte {self.at}")

    def _text(self) -> str:
        try:
            return self.take(self._count()).decode()
        except UnicodeDecodeError:
            raise BadUbjson(f"a text before byte {self.at} is no UTF-8") from None

    def _count(self) -> int:
        """Return a length, which is an integer with its kind before it."""
        kind = self.take(1)
        if kind == b"L":
            return int(struct.unpack(">q", self.take(8))[0])
        if kind not in _DTYPES or kind in {b"d", b"D"}:
            raise BadUbjson(f"no length at byte {self.at}")
        form = _DTYPES[kind]
        return int(np.frombuffer(self.take(int(form[2])), form)[0])

    def _head(self) -> tuple[bytes | None, int | None]:
        """Return what a container says of its values: their kind, and how many they are."""
        kind = count = None
        if self._peek(b"$"):
            kind = self.take(1)
        if self._peek(b"#"):
            count = self._count()
            if count < 0:
                raise BadUbjson(f"a negative length at byte {self.at}")
        elif kind is not None:
            raise BadUbjson(f"values of one kind without their count at byte {self.at}")
        return kind, count

    def _peek(self, mark: bytes) -> bool:
        is_there = self._raw[self.at : self.at + 1] == mark
        self.at += is_there
        return is_there

    def _array(self, depth: int) -> Decoded:
        kind, count = self._head()
        if kind is not None and kind in _DTYPES and count is not None:
            form = _DTYPES[kind]
            return np.frombuffer(self.take(count * int(form[2])), form)
        values: list[Decoded] = []
        while len(values) != count if count is not None else not self._peek(b"]"):
            values.append(self.value(kind or self.take(1), depth + 1))
        return values

    def _object(self, depth: int) -> dict[str, Decoded]:
        kind, count = self._head()
        found: dict[str, Decoded] = {}
        while len(found) != count if count is not None else not self._peek(b"}"):
            name = self._text()
            if name in found:
                raise BadUbjson(f"the name {name[:50]!r} stands twice")
            found[name] = self.value(kind or self.take(1), depth + 1)
        return found
