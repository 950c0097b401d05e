"""safetensors: weights without an architecture. Kept, compared, downloaded; not served.

The file is a little-endian u64 with the length of the header, the header as JSON (name -> dtype,
shape, data_offsets), then the bytes of the tensors without gaps.
Source: https://github.com/huggingface/safetensors (format).
"""

import math
from pathlib import Path
from typing import Final

import msgspec

from axonml.errors import Invalid
from axonml.formats.format import Inspection, Predictor

_PREFIX: Final = 8
# The limit of the reference implementation.
_MAX_HEADER: Final = 100_000_000
_BITS: Final = {
    "BOOL": 8, "U8": 8, "I8": 8, "F8_E5M2": 8, "F8_E4M3": 8, "F8_E8M0": 8, "F4": 4, "F6_E2M3": 6,
    "F6_E3M2": 6, "I16": 16, "U16": 16, "F16": 16, "BF16": 16, "I32": 32, "U32": 32, "F32": 32,
    "I64": 64, "U64": 64, "F64": 64, "C64": 64,
}  # fmt: skip


class _Entry(msgspec.Struct, frozen=True):
    dtype: str
    shape: tuple[int, ...]
    data_offsets: tuple[int, int]


class SafetensorsFormat:
    """Checks that the header describes exactly the bytes that follow it."""

    name: str = "safetensors"
    suffix: str = ".safetensors"

    def matches(self, head: bytes, filename: str) -> bool:
        """Tell whether `head` starts a safetensors file: its header is a JSON object."""
        size = int.from_bytes(head[:_PREFIX], "little")
        is_header = len(head) > _PREFIX and head[_PREFIX] == ord("{") and size <= _MAX_HEADER
        return is_header or filename.lower().endswith(self.suffix)

    def inspect(self, path: Path) -> Inspection:
        """Return that the weights are sound, and how to get a model that can be served.

        Raises:
            Invalid: the header does not describe the bytes that follow it.
        """
        entries = _header(path)
        if not entries:
            raise Invalid("the file holds no tensors", code="damaged_file")
        return Inspection(
            self.name,
            self.suffix,
            None,
            servable=False,
            reason=(
                f"not servable: {len(entries)} tensors, weights without an architecture; export"
                " the model to ONNX and log it with run.log_model(...)"
            ),
        )

    def load(self, path: Path, threads: int) -> Predictor:
        """Refuse: there is nothing to run."""
        del threads
        raise Invalid(f"{path.name} holds weights without an architecture", code="not_servable")


def _header(path: Path) -> dict[str, _Entry]:
    n_bytes = path.stat().st_size
    with path.open("rb") as file:
        size = int.from_bytes(file.read(_PREFIX), "little")
        if n_bytes < _PREFIX or size > min(_MAX_HEADER, n_bytes - _PREFIX):
            raise _damaged(f"its header claims {size} bytes, the file has {n_bytes}")
        raw = file.read(size)
    try:
        fields = msgspec.json.decode(raw, type=dict[str, msgspec.Raw])
        _ = fields.pop("__metadata__", None)
        entries = {name: msgspec.json.decode(each, type=_Entry) for name, each in fields.items()}
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        raise _damaged(f"its header is not valid: {error}") from None
    _check_layout(entries, n_bytes - _PREFIX - size)
    return entries


def _check_layout(entries: dict[str, _Entry], n_bytes: int) -> None:
    """Prove that the tensors follow one another without gap or overlap up to the last byte."""
    at = 0
    for name, entry in sorted(entries.items(), key=lambda item: item[1].data_offsets):
        bits = _BITS.get(entry.dtype)
        if bits is None or any(size < 0 for size in entry.shape):
            raise _damaged(f"tensor {name[:100]!r} is of unknown type {entry.dtype[:20]!r}")
        first, last = entry.data_offsets
        if first != at or last - first != -(-math.prod(entry.shape) * bits // 8):
            raise _damaged(f"tensor {name[:100]!r} does not have the bytes that its shape needs")
        at = last
    if at != n_bytes:
        raise _damaged(f"its tensors need {at} bytes, the file has {n_bytes}")


def _damaged(why: str) -> Invalid:
    return Invalid(f"the safetensors file is damaged: {why}", code="damaged_file")
