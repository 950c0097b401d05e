"""Valid things; a test states only what matters to it."""

import numpy as np
from numpy.typing import NDArray

from axonml.columns import Block, MetricBatch, encode_batch
from axonml.storage.protocols import Appended, Series


def a_batch(
    first: int = 1,
    n: int = 10,
    *,
    writer: str = "w",
    names: tuple[str, ...] = ("loss",),
    steps: NDArray[np.int64] | None = None,
    values: NDArray[np.float64] | None = None,
) -> MetricBatch:
    """Records `first`..`first + n - 1`, one a step, of every name."""
    step = np.arange(first, first + n) if steps is None else steps
    shape = (len(names), len(step))
    columns = np.sin(np.tile(step, (len(names), 1)) / 7.0) if values is None else values
    block = Block(names, step, 1_700_000_000_000 + step * 20, columns.reshape(shape))
    return MetricBatch(writer, first, first + n - 1, (block,))


async def append(series: Series, run: str, batch: MetricBatch) -> Appended:
    """Append a batch with its frame, as a route does."""
    return await series.append(run, batch, encode_batch(batch))
