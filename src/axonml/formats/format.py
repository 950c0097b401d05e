"""What a model file format must offer: `inspect` without running anything, `load` in a replica."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Literal, Protocol

import msgspec
import numpy as np
from numpy.typing import NDArray

DType = Literal[
    "bool", "int8", "int16", "int32", "int64",
    "uint8", "uint16", "uint32", "uint64", "float16", "float32", "float64", "string",
]  # fmt: skip

Tensors = dict[str, NDArray[np.generic]]


class TensorSpec(msgspec.Struct, frozen=True):
    """One input or output: -1 in `shape` is any size, the first axis the batch of b rows."""

    name: str
    dtype: DType
    shape: tuple[int, ...]


class Signature(msgspec.Struct, frozen=True):
    """What a model takes and gives."""

    inputs: tuple[TensorSpec, ...]
    outputs: tuple[TensorSpec, ...]


class Scan(msgspec.Struct, frozen=True):
    """What loading a file could do, found without loading it; `findings` are sentences."""

    can_run_code: bool
    findings: tuple[str, ...] = ()


class Inspection(msgspec.Struct, frozen=True):
    """What a file is. Not servable: `reason` says why, and what to do instead.

    `scan` is there for formats that may carry code.
    """

    format: str
    suffix: str
    signature: Signature | None
    servable: bool
    reason: str = ""
    scan: Scan | None = None


class ModelError(Exception):
    """The model raised on its inputs; the sentence is its runtime's."""


Predictor = Callable[[Mapping[str, NDArray[np.generic]]], Tensors]


# Where a model computes: nothing falls back from one to the other unasked.
Device = Literal["cpu", "cuda"]


class ModelFormat(Protocol):
    """One file format: this protocol, and a sample in the contract suite."""

    name: str
    suffix: str

    def matches(self, head: bytes, filename: str) -> bool:
        """Tell whether a file that starts with `head` (up to 4 KiB) is of this format."""
        ...

    def inspect(self, path: Path) -> Inspection:
        """Return what the file is; runs no code of it. Raises `Invalid` for a damaged file."""
        ...

    def load(self, path: Path, threads: int, device: Device = "cpu") -> Predictor:
        """Return the model, ready to answer batches; it raises `ModelError` for what it refuses.

        Runs in a replica process only. Raises `ModelError` where the runtime cannot load it, or
        not on that device.
        """
        ...
