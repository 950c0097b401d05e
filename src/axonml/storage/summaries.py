"""Summaries of series, kept beside their points: what lists show without reading any."""

import math
import struct
from typing import Final

import numpy as np
from numpy.typing import NDArray

from axonml.columns import Block
from axonml.storage.protocols import Row, SeriesInfo

# What `info_of` reads of a row.
COLUMNS: Final = "name, n, last_step, last_wall, last_value, vmin, vmax, total, n_finite"

# run, name, n, last_step, last_wall, last_value, vmin, vmax, total, n_finite, last
Summary = tuple[
    str, str, int, int, int, bytes, float | None, float | None, float, int, float | None
]


def summaries_of(run: str, block: Block) -> list[Summary]:
    """Return one row for each name: number of points, last point, extremes over finite values."""
    n = len(block.step)
    if not n:
        return []
    # The last of the rows with the highest step.
    at = n - 1 - int(np.argmax(block.step[::-1]))
    step, wall_ms = int(block.step[at]), int(block.wall_ms[at])
    finite: NDArray[np.bool_] = np.isfinite(block.values)
    lowest: list[float] = np.where(finite, block.values, np.inf).min(axis=1).tolist()
    highest: list[float] = np.where(finite, block.values, -np.inf).max(axis=1).tolist()
    n_finite: list[int] = finite.sum(axis=1).tolist()
    with np.errstate(over="ignore"):  # a sum beyond the largest float is infinite, and no mean
        totals: list[float] = np.where(finite, block.values, 0.0).sum(axis=1).tolist()
    last = block.values[:, at].tolist()
    return [
        (
            run,
            name,
            n,
            step,
            wall_ms,
            struct.pack("<d", last[i]),
            lowest[i] if n_finite[i] else None,
            highest[i] if n_finite[i] else None,
            totals[i],
            n_finite[i],
            None if math.isnan(last[i]) else last[i],
        )
        for i, name in enumerate(block.names)
    ]


def info_of(row: Row) -> SeriesInfo:
    """Return the summary that a row of `COLUMNS` holds."""
    name, n, last_step, last_wall, last_value, vmin, vmax, total, n_finite = row
    (value,) = struct.unpack("<d", last_value)
    mean = None if total is None or not n_finite else total / n_finite
    if mean is not None and not math.isfinite(mean):
        mean = None
    return SeriesInfo(name, n, last_step, last_wall, value, vmin, vmax, mean)
