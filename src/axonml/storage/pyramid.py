"""Fewer points that draw the same line: M4 for the pixels, and its levels for long series.

M4 keeps the first, lowest, highest and last point of each column of pixels, hence every extreme,
which LTTB does not: Jugel et al., VLDB 7(10), 2014. Of NaN, +infinity and -infinity each column's
first is kept as well, so that a plot can mark where a run diverged; they hide no finite extreme.

A series is cut into chunks of `CHUNK` points, by step. Level k + 1 keeps the same of each
`GROUP` points of level k. The levels of a chunk are made of that chunk alone, so that a chunk in
the middle can be replaced; `SPAN[k]` chunks share one row of level k, which then has about
`CHUNK` points too.
"""

from typing import Final

import numpy as np
from numpy.typing import NDArray

from axonml.storage.points import Points

CHUNK: Final = 8192
GROUP: Final = 64
# A level has 1/16 of the points of the one below: of 64 points it keeps 4.
FAN: Final = 16
SPAN: Final = (1, 16, 256, 2048)
TOP: Final = len(SPAN) - 1


def m4(step: NDArray[np.int64], value: NDArray[np.float64], pixels: int) -> NDArray[np.intp]:
    """Return the indices of the points that draw the same line at `pixels` columns.

    Args:
        step: shape (n,), not falling.
        value: shape (n,); NaN where the run logged NaN.
        pixels: width of the plot in device pixels, at least 1.

    Returns:
        Increasing indices into `step`, at most 4 a pixel and its first NaN, +infinity, -infinity.
    """
    if not len(step):
        return np.empty(0, np.intp)
    # Python's integers: the span of two int64 can exceed int64.
    span = int(step[-1]) - int(step[0]) + 1
    offset = step.astype(np.float64) - float(step[0])
    return keep_extremes(np.minimum((offset * (pixels / span)).astype(np.int64), pixels - 1), value)


def keep_extremes(group: NDArray[np.int64], value: NDArray[np.float64]) -> NDArray[np.intp]:
    """Return the indices of each group's first, last, lowest and highest point.

    Lowest and highest are of what is finite. Where a group has NaN, +infinity or -infinity the
    first of each is kept as well.

    Args:
        group: shape (n,), not falling; equal numbers are one group.
        value: shape (n,).
    """
    starts = np.flatnonzero(np.r_[True, group[1:] != group[:-1]])
    sizes = np.diff(np.r_[starts, len(group)])
    picked = [starts, starts + sizes - 1]
    broken = ~np.isfinite(value)
    some_broken = bool(broken.any())
    for bottom, extreme in ((np.inf, np.minimum), (-np.inf, np.maximum)):
        filled = np.where(broken, bottom, value) if some_broken else value
        is_best = filled == np.repeat(extreme.reduceat(filled, starts), sizes)
        picked.append(_first_in_group(group, is_best & ~broken if some_broken else is_best))
    if some_broken:
        kinds = (np.isnan(value), value == np.inf, value == -np.inf)
        picked.extend(_first_in_group(group, kind) for kind in kinds)
    return np.unique(np.concatenate(picked))


def coarser(value: NDArray[np.float64]) -> NDArray[np.intp]:
    """Return the indices that the next level keeps of each 64 points of `value`, shape (n,)."""
    return keep_extremes(np.arange(len(value)) // GROUP, value)


def levels(chunk: Points) -> tuple[Points, ...]:
    """Return what the levels 1 to `TOP` keep of one chunk."""
    kept = [chunk]
    for _ in range(TOP):
        kept.append(kept[-1].at(coarser(kept[-1].value)))
    return tuple(kept[1:])


def level_for(n_points: int, width: int | None) -> int:
    """Return the coarsest level that has at least 4 of `n_points` for each of `width` pixels."""
    level = 0
    while width is not None and level < TOP and n_points // FAN ** (level + 1) >= 4 * width:
        level += 1
    return level


def _first_in_group(group: NDArray[np.int64], mask: NDArray[np.bool_]) -> NDArray[np.intp]:
    indices = np.flatnonzero(mask)
    chosen = group[indices]
    return indices[np.r_[True, chosen[1:] != chosen[:-1]]] if len(indices) else indices
