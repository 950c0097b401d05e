"""safetensors: weights, served where the file says what its layers are.

The file is a little-endian u64 with the length of the header, the header as JSON (name -> dtype,
shape, data_offsets), then the bytes of the tensors without gaps.
Source: https://github.com/huggingface/safetensors (format).

A description of the layers in `__metadata__["axonml.graph"]`, or a plain stack of linear layers,
is compiled to ONNX each time a replica loads it: nothing is stored beside the file, and a stack of
100 MB loads in the time that onnxruntime takes for its ONNX file and as much again.
"""

import json
import math
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Final

import msgspec
import numpy as np
from msgspec import Meta
from numpy.typing import NDArray

from axonml.errors import Invalid
from axonml.formats.format import Device, Inspection, ModelError, Predictor
from axonml.formats.graph import (
    Graph,
    GraphError,
    compiled,
    described,
    opened,
    recognised,
    signature_of,
)

_PREFIX: Final = 8
# The limit of the reference implementation.
_MAX_HEADER: Final = 100_000_000
_GRAPH: Final = "axonml.graph"
_BITS: Final = {
    "BOOL": 8, "U8": 8, "I8": 8, "F8_E5M2": 8, "F8_E4M3": 8, "F8_E8M0": 8, "F4": 4, "F6_E2M3": 6,
    "F6_E3M2": 6, "I16": 16, "U16": 16, "F16": 16, "BF16": 16, "I32": 32, "U32": 32, "F32": 32,
    "I64": 64, "U64": 64, "F64": 64, "C64": 64,
}  # fmt: skip
# Types of weights that are computed with, as float32.
_NUMPY: Final = {"F16": "<f2", "BF16": "<u2", "F32": "<f4", "F64": "<f8"}
# A count that torch keeps in a batch norm; no layer computes with it.
_COUNT: Final = "num_batches_tracked"
_Dimension = Annotated[int, Meta(ge=0, le=(1 << 63) - 1)]


class _Entry(msgspec.Struct, frozen=True):
    dtype: str
    shape: Annotated[tuple[_Dimension, ...], Meta(max_length=64)]
    data_offsets: tuple[_Dimension, _Dimension]


class SafetensorsFormat:
    """Checks that the header describes exactly the bytes that follow it; serves known layers."""

    name: str = "safetensors"
    suffix: str = ".safetensors"

    def matches(self, head: bytes, filename: str) -> bool:
        """Tell whether `head` starts a safetensors file: its header is a JSON object."""
        size = int.from_bytes(head[:_PREFIX], "little")
        is_header = len(head) > _PREFIX and head[_PREFIX] == ord("{") and size <= _MAX_HEADER
        return is_header or filename.lower().endswith(self.suffix)

    def inspect(self, path: Path) -> Inspection:
        """Return the signature of the layers, or how to get a model that can be served.

        Raises:
            Invalid: the header does not describe the bytes that follow it.
        """
        tensors = _Tensors(path)
        try:
            graph, assumed = tensors.graph()
            signature = signature_of(graph, tensors)
        except GraphError as error:
            reason = f"not servable: {error}"
            return Inspection(self.name, self.suffix, None, servable=False, reason=reason)
        return Inspection(self.name, self.suffix, signature, servable=True, reason=assumed)

    def load(self, path: Path, threads: int, device: Device = "cpu") -> Predictor:
        """Return the layers, compiled to ONNX, as a function of their inputs."""
        tensors = _Tensors(path)
        try:
            graph, _ = tensors.graph()
            model, constants = compiled(graph, tensors)
        except GraphError as error:
            raise ModelError(str(error)) from None
        return opened(model, threads, device, constants)


class _Tensors:
    """The tensors of a file; their numbers are read when they are asked for."""

    def __init__(self, path: Path) -> None:
        self._path: Final = path
        self._entries, self._metadata, self._start = _header(path)
        if not self._entries:
            raise _damaged("it holds no tensors")

    @property
    def shapes(self) -> Mapping[str, tuple[int, ...]]:
        """The shape of each tensor by its name."""
        return {name: entry.shape for name, entry in self._entries.items()}

    def graph(self) -> tuple[Graph, str]:
        """Return the layers, and what was assumed of them.

        Raises:
            GraphError: there is no description, or none that can be followed.
        """
        for name, entry in self._entries.items():
            if entry.dtype not in _NUMPY and not name.endswith(_COUNT):
                raise GraphError(
                    f"tensor {name[:100]!r} is of type {entry.dtype}; save it as F32, F16 or BF16"
                )
        if _GRAPH in self._metadata:
            return described(self._metadata[_GRAPH]), ""
        found = recognised(self.shapes, self._metadata)
        if found is None:
            raise GraphError(
                f"{len(self._entries)} tensors, weights without an architecture; describe the"
                f" layers in the file's metadata {_GRAPH!r}, or export the model to ONNX and log"
                " it with run.log_model(...)"
            )
        return found

    def array(self, name: str) -> NDArray[np.float32]:
        """Return the numbers of a tensor."""
        entry = self._entries[name]
        if entry.dtype not in _NUMPY:
            raise GraphError(f"tensor {name[:100]!r} of type {entry.dtype} is no weight")
        flat = np.fromfile(
            self._path,
            _NUMPY[entry.dtype],
            math.prod(entry.shape),
            offset=self._start + entry.data_offsets[0],
        )
        if entry.dtype == "BF16":
            flat = (flat.astype(np.uint32) << 16).view(np.float32)
        with np.errstate(over="ignore"):
            return flat.astype(np.float32, copy=False).reshape(entry.shape)


def _header(path: Path) -> tuple[dict[str, _Entry], dict[str, str], int]:
    """Return the tensors, the metadata, and where the bytes of the tensors begin."""
    n_bytes = path.stat().st_size
    with path.open("rb") as file:
        size = int.from_bytes(file.read(_PREFIX), "little")
        if n_bytes < _PREFIX or size > min(_MAX_HEADER, n_bytes - _PREFIX):
            raise _damaged(f"its header claims {size} bytes, the file has {n_bytes}")
        raw = file.read(size)
    try:
        fields: Any = json.loads(raw.decode(), object_pairs_hook=_once)
        if not isinstance(fields, dict):
            raise _damaged("its header is no JSON object")
        metadata = msgspec.convert(fields.pop("__metadata__", {}), dict[str, str])
        entries = msgspec.convert(fields, dict[str, _Entry])
    except (ValueError, RecursionError) as error:
        raise _damaged(f"its header is not valid: {str(error)[:300]}") from None
    _check_layout(entries, n_bytes - _PREFIX - size)
    return entries, metadata, _PREFIX + size


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """Refuse a name that stands twice: readers differ in which of the two they take."""
    found = dict(pairs)
    if len(found) != len(pairs):
        twice = next(name for at, (name, _) in enumerate(pairs) if name in dict(pairs[:at]))
        raise ValueError(f"the name {twice[:100]!r} stands twice")
    return found


def _check_layout(entries: dict[str, _Entry], n_bytes: int) -> None:
    """Prove that the tensors follow one another without gap or overlap up to the last byte."""
    at = 0
    for name, entry in sorted(entries.items(), key=lambda item: item[1].data_offsets):
        bits = _BITS.get(entry.dtype)
        if bits is None:
            raise _damaged(f"tensor {name[:100]!r} is of unknown type {entry.dtype[:20]!r}")
        first, last = entry.data_offsets
        if first != at or last - first != -(-math.prod(entry.shape) * bits // 8):
            raise _damaged(f"tensor {name[:100]!r} does not have the bytes that its shape needs")
        at = last
    if at != n_bytes:
        raise _damaged(f"its tensors need {at} bytes, the file has {n_bytes}")


def _damaged(why: str) -> Invalid:
    return Invalid(f"the safetensors file is damaged: {why}", code="damaged_file")
