"""Columns <-> bytes: the first byte names the codec, so that it can change without migration."""

from enum import IntEnum
from importlib import import_module
from typing import Any, Final, assert_never

import numpy as np
import zstandard
from numpy.typing import NDArray


class Codec(IntEnum):
    """The first byte of a stored column. All are bit-exact, NaN payloads included."""

    RAW = 0
    SHUFFLED_ZSTD = 1  # bytes of equal weight together, then zstd: needs no pcodec to be read
    PCO = 2


# Rust without type stubs: a module of unknown types, its results typed where they come out.
_PCODEC: Final = import_module("pcodec")
# Level 4 of 12: 4.7 bytes a point for step, value and wall time together.
_CONFIG: Final[Any] = _PCODEC.ChunkConfig(compression_level=4)
_SMALL: Final = 64  # a column this short is raw: packing it takes longer than it saves


def encode(column: NDArray[Any], codec: Codec | None = None) -> bytes:
    """Return a column of shape (n,), int64 or float64, as bytes.

    Without `codec` the one that suits is taken: pcodec, or none where it would not make the
    column smaller.
    """
    raw = np.ascontiguousarray(column).tobytes()
    if codec is None:
        packed = raw if len(column) < _SMALL else _packed(column, raw, Codec.PCO)
        codec = Codec.PCO if len(packed) < len(raw) else Codec.RAW
        return bytes([codec]) + (packed if codec is Codec.PCO else raw)
    return bytes([codec]) + _packed(column, raw, codec)


def _packed(column: NDArray[Any], raw: bytes, codec: Codec) -> bytes:
    match codec:
        case Codec.RAW:
            return raw
        case Codec.SHUFFLED_ZSTD:
            return zstandard.compress(_transposed(raw, (-1, column.itemsize)))
        case Codec.PCO:
            packed: bytes = _PCODEC.standalone.simple_compress(
                np.ascontiguousarray(column), _CONFIG
            )
            return packed
        case _:
            assert_never(codec)


def decode(data: bytes, dtype: type[np.int64] | type[np.float64]) -> NDArray[Any]:
    """Return the column that `encode` took.

    Raises:
        ValueError: the first byte names no codec that this version knows.
    """
    try:
        codec = Codec(data[0])
    except ValueError:
        raise ValueError(
            f"a column of codec {data[0]}: it was written by a newer axonml than this one"
        ) from None
    match codec:
        case Codec.RAW:
            return np.frombuffer(data, dtype, offset=1)
        case Codec.SHUFFLED_ZSTD:
            shuffled = zstandard.decompress(data[1:])
            return np.frombuffer(_transposed(shuffled, (np.dtype(dtype).itemsize, -1)), dtype)
        case Codec.PCO:
            column: NDArray[Any] | None = _PCODEC.standalone.simple_decompress(data[1:])
            return np.empty(0, dtype) if column is None else column
        case _:
            assert_never(codec)


def _transposed(data: bytes, shape: tuple[int, int]) -> bytes:
    return np.frombuffer(data, np.uint8).reshape(shape).T.tobytes() if data else b""
