"""The outputs of a batch as JSON: converted once for all requests that were in it."""

import math
from typing import Any, Final, cast

import msgspec
import numpy as np
from numpy.typing import NDArray

from axonml.formats.format import Tensors

# Numbers or strings in lists as deep as the tensor they come from.
Nested = Any

_encode: Final = msgspec.json.Encoder().encode
# Values converted in one go: about two milliseconds.
_PIECE: Final = 8192
# Nine significant digits tell any two float32 apart; six are always exact the other way.
_DIGITS: Final = (6, 7, 8, 9)
_MAX_EXPONENT: Final = 8
_MIN_EXPONENT: Final = -13


class Outputs:
    """What the model gave for one batch; `rows` converts each tensor once, when first asked."""

    def __init__(self, tensors: Tensors) -> None:
        self.tensors: Final = tensors
        self._rows: Final[dict[str, Nested]] = {}

    def has_rows(self, n_rows: int) -> bool:
        """Tell whether every output has one entry for each of `n_rows` rows."""
        return all(array.shape[:1] == (n_rows,) for array in self.tensors.values())

    def rows(self, name: str) -> Nested:
        """Return the output `name` as nested lists."""
        found = self._rows.get(name)
        if found is None:
            found = self._rows[name] = as_json(self.tensors[name])
        return found


class Answer(msgspec.Struct, frozen=True, eq=False):
    """The part of a batch's outputs that belongs to one request; all of it without `rows`."""

    outputs: Outputs
    rows: slice | None

    def as_json(self) -> Nested:
        """Return the rows of the only output, or those of each output by its name."""
        names = self.outputs.tensors
        cut = {name: self._cut(self.outputs.rows(name)) for name in names}
        return next(iter(cut.values())) if len(cut) == 1 else cut

    def _cut(self, rows: Nested) -> Nested:
        return rows if self.rows is None else rows[self.rows]

    @property
    def n_values(self) -> int:
        """Return how many numbers or strings the answer has."""
        return sum(array.size for array in self.arrays().values())

    def arrays(self) -> Tensors:
        """Return the answer's part of each output."""
        tensors = self.outputs.tensors
        return tensors if self.rows is None else {n: a[self.rows] for n, a in tensors.items()}


def encode(answer: Answer, version: str, latency_ms: float) -> bytes:
    """Return the body of a prediction."""
    return _encode(
        {
            "outputs": answer.as_json(),
            "model_version": version,
            "latency_ms": round(latency_ms, 3),
        }
    )


def encode_large(answer: Answer, version: str, latency_ms: float) -> bytes:
    """Return the body of a prediction, made in pieces: other threads run in between."""
    arrays = answer.arrays()
    encoded = [(_encode(name), _encode_pieces(array)) for name, array in arrays.items()]
    if len(encoded) == 1:
        outputs = encoded[0][1]
    else:
        outputs = b"{" + b",".join(name + b":" + rows for name, rows in encoded) + b"}"
    rest = _encode({"model_version": version, "latency_ms": round(latency_ms, 3)})
    return b'{"outputs":' + outputs + b"," + rest[1:]


def _encode_pieces(array: NDArray[Any]) -> bytes:
    if array.size <= _PIECE or array.ndim == 0:
        return _encode(as_json(array))
    if array.ndim > 1 and array[0].size > _PIECE:
        return b"[" + b",".join(_encode_pieces(row) for row in array) + b"]"
    step = max(1, _PIECE * len(array) // array.size)
    pieces = (array[first : first + step] for first in range(0, len(array), step))
    return b"[" + b",".join(_encode(as_json(piece))[1:-1] for piece in pieces) + b"]"


def as_json(array: NDArray[Any]) -> Nested:
    """Return `array` as nested lists; NaN and the infinities as strings, as the API has them."""
    if array.dtype.kind != "f":
        return array.tolist()
    wide = shortest(array) if array.dtype == np.float32 else array
    return wide.tolist() if np.isfinite(array).all() else _named(wide.tolist())


def _named(value: Nested) -> Nested:
    if isinstance(value, list):
        return [_named(each) for each in cast("list[Nested]", value)]
    if math.isnan(value):
        return "NaN"
    if math.isinf(value):
        return "Infinity" if value > 0 else "-Infinity"
    return value


def shortest(values: NDArray[np.float32]) -> NDArray[np.float64]:
    """Return for each float32 the float64 with the fewest digits that rounds to it.

    0.1 travels as 0.1, not as 0.10000000149011612: half the bytes, and what the model meant.
    """
    wide = values.astype(np.float64)
    magnitude = np.abs(wide)
    with np.errstate(divide="ignore"):
        exponent = np.floor(np.log10(magnitude))
    # Outside, a power of ten is not exact: those keep all their digits.
    is_open = (exponent <= _MAX_EXPONENT) & (exponent >= _MIN_EXPONENT)
    exponent = np.where(is_open, exponent, 0.0)
    result = wide.copy()
    for digits in _DIGITS:
        scale = 10.0 ** (digits - 1 - exponent)
        candidate = np.rint(wide * scale) / scale
        fits = is_open & (candidate.astype(np.float32) == values)
        result = np.where(fits, candidate, result)
        is_open &= ~fits
        if not is_open.any():
            break
    return result
