"""Frames between server and replica: a head, then raw tensors, over a stream socket.

A frame is a little-endian u64 with the size of the whole frame, a u32 with the size of the head,
the head as JSON padded with spaces to a multiple of 64 bytes counted from the start of the frame,
then the tensors in C order, each padded to a multiple of 64. Strings travel as a JSON list.
"""

import math
import socket
from collections.abc import Mapping, Sequence
from typing import Final, Literal

import msgspec
import numpy as np
from numpy.typing import NDArray

Tensors = dict[str, NDArray[np.generic]]
Kind = Literal["load", "ready", "failed", "run", "result", "error"]

_PREFIX: Final = 12
_ALIGN: Final = 64
_FIRST_SIZE: Final = 64 * 1024
_MAX_BYTES: Final = 4 << 30
# The kernel takes at most 1024 parts in one call.
MAX_PARTS: Final = 1024


class TensorHead(msgspec.Struct, frozen=True, array_like=True):
    """One tensor of a frame: its bytes follow in the order of the heads."""

    name: str
    dtype: str
    shape: tuple[int, ...]
    n_bytes: int


class Head(msgspec.Struct, frozen=True, array_like=True):
    """What a frame is; `text` is JSON for `load` and `ready`, a sentence for `failed`, `error`."""

    kind: Kind
    text: str = ""
    tensors: tuple[TensorHead, ...] = ()


class Frame(msgspec.Struct, frozen=True, eq=False):
    """One frame as it came; the arrays of `tensors` are views of its buffer."""

    kind: Kind
    text: str
    tensors: Tensors


class BadFrame(Exception):
    """The other side sent what is no frame."""


_encode: Final = msgspec.json.Encoder().encode
_decode_head: Final = msgspec.json.Decoder(Head).decode


def encode(
    kind: Kind,
    tensors: Mapping[str, Sequence[NDArray[np.generic]]] | None = None,
    text: str = "",
) -> list[bytes | memoryview]:
    """Return the parts of one frame; arrays of one name are joined along their first axis.

    The arrays of a name are C-contiguous and of one dtype and one shape after the first axis.
    """
    heads: list[TensorHead] = []
    parts: list[bytes | memoryview] = []
    n_bytes = 0
    for name, arrays in (tensors or {}).items():
        head, body = _tensor(name, arrays)
        heads.append(head)
        parts += body
        padding = -head.n_bytes % _ALIGN
        if padding:
            parts.append(bytes(padding))
        n_bytes += head.n_bytes + padding
    raw = _encode(Head(kind, text, tuple(heads)))
    raw += b" " * (-(_PREFIX + len(raw)) % _ALIGN)
    total = _PREFIX + len(raw) + n_bytes
    first = total.to_bytes(8, "little") + len(raw).to_bytes(4, "little") + raw
    return [first, *parts]


def _tensor(
    name: str, arrays: Sequence[NDArray[np.generic]]
) -> tuple[TensorHead, list[bytes | memoryview]]:
    first = arrays[0]
    shape = first.shape
    if len(arrays) > 1:
        shape = (sum(len(array) for array in arrays), *shape[1:])
    if first.dtype.kind in "OUS":
        text = _encode([str(each) for array in arrays for each in array.reshape(-1).tolist()])
        return TensorHead(name, "string", shape, len(text)), [text]
    n_bytes = sum(array.nbytes for array in arrays)
    return TensorHead(name, first.dtype.str, shape, n_bytes), [
        array.reshape(-1).view(np.uint8).data for array in arrays if array.nbytes
    ]


class FrameBuffer:
    """Assembles frames from whatever pieces the socket gives.

    With `reuse` the arrays of a frame are valid only until the next one is read.
    """

    def __init__(self, *, reuse: bool) -> None:
        self._reuse: Final = reuse
        self._small: Final = bytearray(_FIRST_SIZE)
        self._buffer = self._small
        self._have = 0
        self._size = 0

    def target(self) -> memoryview:
        """Return where the next bytes go; never empty."""
        return memoryview(self._buffer)[self._have : self._size or _PREFIX]

    def advance(self, n_bytes: int) -> Frame | None:
        """Count `n_bytes` that were put into the target; return the frame that they end."""
        self._have += n_bytes
        if not self._size:
            if self._have < _PREFIX:
                return None
            self._start()
        if self._have < self._size:
            return None
        buffer = self._buffer
        self._buffer, self._have, self._size = self._small, 0, 0
        return _decode(buffer)

    def _start(self) -> None:
        size = int.from_bytes(self._buffer[:8], "little")
        if not _PREFIX <= size <= _MAX_BYTES:
            raise BadFrame(f"a frame of {size} bytes")
        self._size = size
        if not self._reuse or size > len(self._buffer):
            fresh = bytearray(size)
            fresh[:_PREFIX] = self._buffer[:_PREFIX]
            self._buffer = fresh


def _decode(buffer: bytearray) -> Frame:
    view = memoryview(buffer)
    at = _PREFIX + int.from_bytes(view[8:_PREFIX], "little")
    try:
        head = _decode_head(view[_PREFIX:at])
        tensors: Tensors = {}
        for tensor in head.tensors:
            tensors[tensor.name] = _array(view, at, tensor)
            at += tensor.n_bytes + -tensor.n_bytes % _ALIGN
    except (msgspec.MsgspecError, ValueError, TypeError) as error:
        raise BadFrame(str(error)) from error
    return Frame(head.kind, head.text, tensors)


def _array(view: memoryview, at: int, head: TensorHead) -> NDArray[np.generic]:
    if head.dtype == "string":
        words = msgspec.json.decode(view[at : at + head.n_bytes], type=list[str])
        return np.array(words, dtype=object).reshape(head.shape)
    return np.frombuffer(view, head.dtype, math.prod(head.shape), at).reshape(head.shape)


def read(sock: socket.socket, buffer: FrameBuffer) -> Frame | None:
    """Wait for one frame on a blocking socket; return None when the other side is gone."""
    while True:
        n_bytes = sock.recv_into(buffer.target())
        if n_bytes == 0:
            return None
        frame = buffer.advance(n_bytes)
        if frame is not None:
            return frame


def write(sock: socket.socket, parts: Sequence[bytes | memoryview]) -> None:
    """Send the parts of one frame on a blocking socket."""
    for first in range(0, len(parts), MAX_PARTS):
        some = list(parts[first : first + MAX_PARTS])
        sent = sock.sendmsg(some)
        if sent < sum(len(part) for part in some):
            sock.sendall(b"".join(some)[sent:])
