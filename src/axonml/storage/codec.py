"""Columns <-> bytes: the first byte names the codec, so that it can change without migration."""

from importlib import import_module
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

_RAW: Final = b"\x00"
_PCO: Final = b"\x02"
# Rust without type stubs: a module of unknown types, its results typed where they come out.
_PCODEC: Final = import_module("pcodec")
# Level 4 of 12: 4.7 bytes a point for step, value and wall time together.
_CONFIG: Final[Any] = _PCODEC.ChunkConfig(compression_level=4)


def encode(column: NDArray[Any]) -> bytes:
    """Return a column of shape (n,), int64 or float64, bit for bit (NaN payloads too)."""
    packed: bytes = _PCODEC.standalone.simple_compress(np.ascontiguousarray(column), _CONFIG)
    raw = column.tobytes()
    return _PCO + packed if len(packed) < len(raw) else _RAW + raw


def decode(data: bytes, dtype: type[np.int64] | type[np.float64]) -> NDArray[Any]:
    """Return the column that `encode` took.

    Raises:
        ValueError: the first byte names no codec that this version knows.
    """
    if data[:1] == _PCO:
        column: NDArray[Any] | None = _PCODEC.standalone.simple_decompress(data[1:])
        return np.empty(0, dtype) if column is None else column
    if data[:1] == _RAW:
        return np.frombuffer(data, dtype, offset=1)
    message = f"a column of codec {data[:1]!r}: the data is newer than this program"
    raise ValueError(message)
