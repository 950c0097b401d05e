"""The average behind a noisy curve, of every point that was logged, then thinned for the plot."""

import math
from typing import Final

import numpy as np
from numpy.typing import NDArray

from axonml.storage.protocols import SeriesSlice
from axonml.storage.pyramid import m4

# Above this a series is answered without its average: the raw columns take 24 bytes a point.
MAX_SMOOTHED_POINTS: Final = 5_000_000
# What weighs less than this of a value is beyond its last bit.
_NOTHING: Final = 1e-17


def ema(value: NDArray[np.float64], weight: float) -> NDArray[np.float64]:
    """Return the moving average of `value`, unbiased at its start as TensorBoard shows it.

    Args:
        value: shape (n,); what is not finite stays as it is and does not enter the average.
        weight: in [0, 1): 0 gives `value` back.

    The sum over all earlier points is built by doubling: of the sums over m points those over 2m,
    until what is older weighs nothing. That is at most 19 passes over columns, and no loop.
    """
    finite = np.isfinite(value)
    total = value[finite] * (1 - weight)
    m = 1
    while m < len(total) and (share := weight**m) > _NOTHING:
        total[m:] += share * total[:-m]
        m *= 2
    mass = -np.expm1(np.arange(1, len(total) + 1) * math.log(weight)) if weight > 0 else 1.0
    average = value.copy()
    average[finite] = total / mass
    return average


def smoothed_slice(
    whole: SeriesSlice, weight: float, first_step: int | None, width: int | None
) -> tuple[SeriesSlice, NDArray[np.float64]]:
    """Return what a plot of `width` pixels needs of a raw series from `first_step` on.

    The average begins with the series, not with the window, so that zooming moves no line. Kept are
    the extremes of both lines, at most 8 points a pixel.
    """
    average = ema(whole.value, weight)
    start = 0 if first_step is None else int(np.searchsorted(whole.step, first_step, "left"))
    step, value, wall_ms = whole.step[start:], whole.value[start:], whole.wall_ms[start:]
    average = average[start:]
    is_exact = whole.is_exact
    if width is not None and len(step) > 2 * width:
        kept = np.union1d(m4(step, value, width), m4(step, average, width))
        step, value, wall_ms, average = step[kept], value[kept], wall_ms[kept], average[kept]
        is_exact = False
    return SeriesSlice(whole.name, step, value, wall_ms, is_exact), average
