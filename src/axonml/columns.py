"""Packed columns: the one wire format that SDK, store, streams and charts share.

A frame is `AXC1`, a little-endian u32 with the length of the header, the header as JSON
padded with spaces to a multiple of 8 bytes counted from the start of the frame, then the arrays
one after the other, each little-endian, C order, 8-byte items. The header's key `arrays` lists
`[dtype, shape]` of each, dtype being `i8` (int64) or `f8` (float64); other keys are the sender's.

Media type: `application/vnd.axonml.columns`.
"""

import math
from collections.abc import Iterable, Sequence
from typing import Any, Final

import msgspec
import numpy as np
from numpy.typing import NDArray

from axonml.errors import BadRequest

MEDIA_TYPE: Final = "application/vnd.axonml.columns"
_MAGIC: Final = b"AXC1"
_DTYPES: Final = {"i8": np.dtype("<i8"), "f8": np.dtype("<f8")}
_MAX_HEADER: Final = 4 << 20


class Block(msgspec.Struct, frozen=True, eq=False):
    """Rows that logged the same names: `step` and `wall_ms` shape (n,), `values` shape (k, n).

    `names` has the k metric names; a row's epoch, where the script logs one, is the metric `epoch`.
    """

    names: tuple[str, ...]
    step: NDArray[np.int64]
    wall_ms: NDArray[np.int64]
    values: NDArray[np.float64]

    @property
    def n_points(self) -> int:
        """Return the number of points, n rows times k names."""
        return self.values.size


class MetricBatch(msgspec.Struct, frozen=True, eq=False):
    """What one POST carries: records `first_seq`..`last_seq` of one writer of one run.

    `writer` names the process that logged them; the store keeps the last sequence of each
    (run, writer), so that a batch sent twice is stored once.
    """

    writer: str
    first_seq: int
    last_seq: int
    blocks: tuple[Block, ...]

    @property
    def n_points(self) -> int:
        """Return the number of points over all blocks."""
        return sum(block.n_points for block in self.blocks)


def pack(header: dict[str, Any], arrays: Iterable[NDArray[Any]]) -> bytes:
    """Return one frame of `arrays`, each int64 or float64 of any shape, under `header`."""
    columns = [np.ascontiguousarray(array) for array in arrays]
    shapes = [[_dtype_name(column), list(column.shape)] for column in columns]
    head = msgspec.json.encode({**header, "arrays": shapes})
    head += b" " * (-(len(head) + 8) % 8)
    body = (column.astype(column.dtype.newbyteorder("<"), copy=False).data for column in columns)
    return b"".join([_MAGIC, len(head).to_bytes(4, "little"), head, *body])


def unpack(frame: bytes | memoryview) -> tuple[dict[str, Any], list[NDArray[Any]]]:
    """Return header and arrays of a frame; the arrays are read-only views of `frame`.

    Raises:
        BadRequest: the frame is cut, has bytes left over, or its header is not as described.
    """
    view = memoryview(frame)
    head_size = int.from_bytes(view[4:8], "little")
    if bytes(view[:4]) != _MAGIC or head_size > _MAX_HEADER or 8 + head_size > len(view):
        raise BadRequest("this is no frame of packed columns (AXC1)", code="bad_columns")
    try:
        header = msgspec.json.decode(view[8 : 8 + head_size], type=dict[str, Any])
        shapes = msgspec.convert(header.pop("arrays", None), list[tuple[str, list[int]]])
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        raise BadRequest(f"the columns' header is not valid: {error}", code="bad_columns") from None
    arrays: list[NDArray[Any]] = []
    at = 8 + head_size
    for name, shape in shapes:
        dtype = _DTYPES.get(name)
        if dtype is None or any(size < 0 for size in shape):
            raise BadRequest(f"unknown column {name} {shape}", code="bad_columns")
        size = math.prod(shape)
        if at + 8 * size > len(view):
            raise BadRequest("the frame ends before its last column", code="bad_columns")
        arrays.append(np.frombuffer(view, dtype, size, at).reshape(shape))
        at += 8 * size
    if at != len(view):
        raise BadRequest(f"{len(view) - at} bytes after the last column", code="bad_columns")
    return header, arrays


def encode_batch(batch: MetricBatch) -> bytes:
    """Return the frame of a batch; `decode_batch` gives it back, bit for bit."""
    header = {
        "writer": batch.writer,
        "first_seq": batch.first_seq,
        "last_seq": batch.last_seq,
        "blocks": [block.names for block in batch.blocks],
    }
    return pack(header, (a for b in batch.blocks for a in (b.step, b.wall_ms, b.values)))


class _BatchHeader(msgspec.Struct, frozen=True):
    writer: str
    first_seq: int
    last_seq: int
    blocks: list[tuple[str, ...]]


def decode_batch(frame: bytes | memoryview) -> MetricBatch:
    """Return the batch in a frame.

    Raises:
        BadRequest: the frame is not one, or its columns do not have the shapes of a batch.
    """
    raw_header, arrays = unpack(frame)
    try:
        header = msgspec.convert(raw_header, _BatchHeader)
    except msgspec.ValidationError as error:
        raise BadRequest(f"the batch's header is not valid: {error}", code="bad_columns") from None
    if len(arrays) != 3 * len(header.blocks):
        raise BadRequest("a block is step, wall_ms and values", code="bad_columns")
    blocks = tuple(
        _block(names, arrays[3 * i : 3 * i + 3]) for i, names in enumerate(header.blocks)
    )
    return MetricBatch(header.writer, header.first_seq, header.last_seq, blocks)


def _block(names: tuple[str, ...], arrays: Sequence[NDArray[Any]]) -> Block:
    step, wall_ms, values = arrays
    shapes_fit = step.ndim == 1 and wall_ms.shape == step.shape
    if not shapes_fit or values.shape != (len(names), len(step)) or len(set(names)) != len(names):
        raise BadRequest("step, wall_ms (n,) and values (k, n) do not fit", code="bad_columns")
    if step.dtype.kind != "i" or wall_ms.dtype.kind != "i" or values.dtype.kind != "f":
        raise BadRequest("step and wall_ms are i8, values f8", code="bad_columns")
    return Block(names, step, wall_ms, values)


def _dtype_name(column: NDArray[Any]) -> str:
    match column.dtype.kind, column.dtype.itemsize:
        case "i", 8:
            return "i8"
        case "f", 8:
            return "f8"
        case _:
            message = f"columns are int64 or float64, not {column.dtype}"
            raise TypeError(message)
