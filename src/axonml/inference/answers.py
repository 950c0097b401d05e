"""How the answers of two versions to the same inputs differ."""

from typing import Any, Final

import msgspec
import numpy as np
from numpy.typing import NDArray

from axonml.formats.format import Tensors

# What rounding in another order of the same sums may change in a float32.
_RELATIVE: Final = 1e-3
_ABSOLUTE: Final = 1e-5


class Difference(msgspec.Struct, frozen=True):
    """Whether two answers agree, and by how much their numbers differ at most.

    They agree where every text and integer is equal and every float within 0.1 % (or 1e-5);
    `max_difference` is None where an output is missing, or has another type or shape.
    `same_top` tells whether the largest value of each row is at the same place, as the class that
    a classifier gives; None where no output has rows of several floats.
    """

    agrees: bool
    max_difference: float | None
    same_top: bool | None


def difference(one: Tensors, other: Tensors) -> Difference:
    """Return how `other` differs from `one`; tensors by the names of their outputs."""
    if one.keys() != other.keys():
        return Difference(agrees=False, max_difference=None, same_top=None)
    agrees, largest, tops = True, 0.0, list[bool]()
    for name, here in one.items():
        there = other[name]
        if here.shape != there.shape or here.dtype.kind != there.dtype.kind:
            return Difference(agrees=False, max_difference=None, same_top=None)
        if here.dtype.kind != "f":
            agrees &= bool(np.array_equal(here, there))
            continue
        a, b = _wide(here), _wide(there)
        agrees &= bool(np.allclose(a, b, _RELATIVE, _ABSOLUTE, equal_nan=True))
        largest = max(largest, _largest_gap(a, b))
        if a.ndim > 1 and a.shape[-1] > 1 and a.size:
            tops.append(bool(np.array_equal(a.argmax(-1), b.argmax(-1))))
    return Difference(agrees, largest, all(tops) if tops else None)


def _wide(array: NDArray[Any]) -> NDArray[np.float64]:
    return array.astype(np.float64)


def _largest_gap(a: NDArray[np.float64], b: NDArray[np.float64]) -> float:
    """Return the largest difference of two finite numbers; two NaNs, or infinities, differ by 0."""
    both = np.isfinite(a) & np.isfinite(b)
    with np.errstate(over="ignore"):
        return float(np.abs(a[both] - b[both]).max(initial=0.0))
