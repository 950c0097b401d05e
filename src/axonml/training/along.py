"""A curve over another x than its steps: wall time, or what another metric had at each step."""

import msgspec
import numpy as np
from numpy.typing import NDArray

from axonml.storage.protocols import SeriesSlice
from axonml.storage.pyramid import keep_extremes


class Along(msgspec.Struct, frozen=True, eq=False):
    """A series in rising step order, and the x of each point; columns of shape (n,)."""

    points: SeriesSlice
    x: NDArray[np.float64]
    average: NDArray[np.float64] | None = None

    def kept(self, index: NDArray[np.intp] | NDArray[np.bool_], *, is_exact: bool) -> "Along":
        """Return the points at `index`, indices or a mask of shape (n,)."""
        of = self.points
        return Along(
            SeriesSlice(of.name, of.step[index], of.value[index], of.wall_ms[index], is_exact),
            self.x[index],
            None if self.average is None else self.average[index],
        )


def x_by_step(
    step: NDArray[np.int64], x_step: NDArray[np.int64], x_value: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Return what x had at each of the steps, the last where it was logged twice, else NaN.

    Args:
        step: shape (n,).
        x_step: shape (m,), not falling.
        x_value: shape (m,).
    """
    if not len(x_step):
        return np.full(len(step), np.nan)
    at = np.searchsorted(x_step, step, "right") - 1
    return np.where((at >= 0) & (x_step[at] == step), x_value[at], np.nan)


def steps_around(
    coarse: SeriesSlice, first_wall_ms: int | None, last_wall_ms: int | None
) -> tuple[int, int]:
    """Return the steps between which every point of the closed window of wall times lies.

    `coarse` has at least one point, the first and last among them; its wall times may fall where a
    run was resumed.
    """
    start, end = 0, len(coarse.step) - 1
    if first_wall_ms is not None:
        highest = np.maximum.accumulate(coarse.wall_ms)
        start = max(int(np.searchsorted(highest, first_wall_ms, "left")) - 1, 0)
    if last_wall_ms is not None:
        lowest = np.minimum.accumulate(coarse.wall_ms[::-1])[::-1]
        end = min(int(np.searchsorted(lowest, last_wall_ms, "right")), end)
    low, high = sorted((start, end))
    return int(coarse.step[low]), int(coarse.step[high])


def within(curve: Along, first_wall_ms: int | None, last_wall_ms: int | None) -> Along:
    """Return the points of the closed window of wall times that have a finite x."""
    wall = curve.points.wall_ms
    mask = np.isfinite(curve.x)
    if first_wall_ms is not None:
        mask &= wall >= first_wall_ms
    if last_wall_ms is not None:
        mask &= wall <= last_wall_ms
    return curve if mask.all() else curve.kept(mask, is_exact=curve.points.is_exact)


def thinned(curve: Along, width: int | None) -> Along:
    """Return what a plot of `width` pixels along x needs; x is finite, in any order."""
    if width is None or len(curve.x) <= 2 * width:
        return curve
    order = np.argsort(curve.x, kind="stable")
    x = curve.x[order]
    # Halves: the span of two finite numbers can exceed the largest.
    span = x[-1] / 2 - x[0] / 2
    share = (x / 2 - x[0] / 2) / span if span > 0 else np.zeros(len(x))
    pixel = np.minimum((share * width).astype(np.int64), width - 1)
    lines = [curve.points.value] if curve.average is None else [curve.points.value, curve.average]
    picked = [order[keep_extremes(pixel, line[order])] for line in lines]
    return curve.kept(np.unique(np.concatenate(picked)), is_exact=False)
