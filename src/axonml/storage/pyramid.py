"""Fewer points that draw the same line: M4 for the pixels, and its levels for long series.

M4 keeps the first, lowest, highest and last point of each column of pixels, hence every extreme,
which LTTB does not: Jugel et al., VLDB 7(10), 2014. Each column's first NaN is kept as well, so
that a plot can mark where a run diverged.
"""

from typing import Final

import numpy as np
from numpy.typing import NDArray

CHUNK: Final = 8192
GROUP: Final = 64
# A chunk of level k + 1 is made of 16 chunks of level k: 64 points become 4.
FAN: Final = 16


def m4(step: NDArray[np.int64], value: NDArray[np.float64], pixels: int) -> NDArray[np.intp]:
    """Return the indices of the points that draw the same line at `pixels` columns.

    Args:
        step: shape (n,), not falling.
        value: shape (n,); NaN where the run logged NaN.
        pixels: width of the plot in device pixels, at least 1.

    Returns:
        Increasing indices into `step`, at most 4 a pixel and its first NaN.
    """
    if not len(step):
        return np.empty(0, np.intp)
    # Python's integers: the span of two int64 can exceed int64.
    span = int(step[-1]) - int(step[0]) + 1
    offset = (step - step[0]).astype(np.float64)
    return keep_extremes(np.minimum((offset * (pixels / span)).astype(np.int64), pixels - 1), value)


def keep_extremes(group: NDArray[np.int64], value: NDArray[np.float64]) -> NDArray[np.intp]:
    """Return the indices of each group's first, lowest, highest, last point and first NaN.

    Args:
        group: shape (n,), not falling; equal numbers are one group.
        value: shape (n,).
    """
    starts = np.flatnonzero(np.r_[True, group[1:] != group[:-1]])
    sizes = np.diff(np.r_[starts, len(group)])
    missing = np.isnan(value)
    picked = [starts, starts + sizes - 1]
    for bottom, extreme in ((np.inf, np.minimum), (-np.inf, np.maximum)):
        filled = np.where(missing, bottom, value)
        best = np.repeat(extreme.reduceat(filled, starts), sizes)
        picked.append(_first_in_group(group, (filled == best) & ~missing))
    if missing.any():
        picked.append(_first_in_group(group, missing))
    return np.unique(np.concatenate(picked))


def coarser(value: NDArray[np.float64]) -> NDArray[np.intp]:
    """Return the indices that the next level keeps of each 64 points of `value`, shape (n,)."""
    return keep_extremes(np.arange(len(value)) // GROUP, value)


def _first_in_group(group: NDArray[np.int64], mask: NDArray[np.bool_]) -> NDArray[np.intp]:
    indices = np.flatnonzero(mask)
    chosen = group[indices]
    return indices[np.r_[True, chosen[1:] != chosen[:-1]]] if len(indices) else indices
