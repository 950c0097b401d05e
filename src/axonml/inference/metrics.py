"""One row a second for each endpoint that was asked something, and reading them back."""

import asyncio
from collections import defaultdict
from typing import Final

import numpy as np
import structlog
from numpy.typing import NDArray

from axonml.clock import as_datetime, now_ms
from axonml.columns import Block, MetricBatch, encode_batch
from axonml.errors import AxonError
from axonml.inference.endpoints import Endpoints
from axonml.inference.latency import Second, percentiles
from axonml.inference.types import MetricsRow
from axonml.storage.protocols import Series

NAMES: Final = (
    "requests_total",
    "requests_success",
    "requests_error",
    "latency_p50",
    "latency_p95",
    "latency_p99",
)
_N_COUNTS: Final = 3
# Seconds kept while storage refuses them.
_MAX_PENDING: Final = 300
_log: Final = structlog.stdlib.get_logger("axonml.inference")


class Metrics:
    """Cuts each endpoint's figures once a second and stores those of the busy ones."""

    def __init__(self, endpoints: Endpoints, series: Series) -> None:
        self._endpoints: Final = endpoints
        self._series: Final = series
        self._writer: Final = f"server-{now_ms()}"
        self._stored: Final[defaultdict[str, int]] = defaultdict(int)
        self._pending: Final[defaultdict[str, list[tuple[int, Second]]]] = defaultdict(list)
        self._task: asyncio.Task[None] | None = None

    def open(self) -> None:
        """Begin to cut; `close` ends it."""
        self._task = asyncio.create_task(self._run(), name="inference metrics")

    async def close(self) -> None:
        """Store the second that had begun, and end."""
        if self._task is not None:
            _ = self._task.cancel()
            _ = await asyncio.gather(self._task, return_exceptions=True)
        await self.cut(now_ms() // 1000)

    async def _run(self) -> None:
        while True:
            await asyncio.sleep(1 - now_ms() % 1000 / 1000)
            await self.cut(now_ms() // 1000 - 1)

    async def cut(self, second: int) -> None:
        """End every endpoint's current second, which is wall time `second`, and store it."""
        for live in self._endpoints.every():
            ended = live.latency.cut()
            waiting = self._pending[live.record.id]
            if ended.n_total:
                waiting.append((second, ended))
                del waiting[:-_MAX_PENDING]
            if waiting:
                await self._store(live.record.id, waiting)

    async def _store(self, endpoint: str, waiting: list[tuple[int, Second]]) -> None:
        first = self._stored[endpoint] + 1
        batch = _batch(self._writer, first, waiting)
        try:
            _ = await self._series.append(endpoint, batch, encode_batch(batch))
        except AxonError as error:
            _log.warning("figures wait for storage", endpoint=endpoint, reason=error.detail)
            return
        self._stored[endpoint] = batch.last_seq
        waiting.clear()

    async def forget(self, endpoint: str) -> None:
        """Delete every row of the endpoint."""
        _ = self._pending.pop(endpoint, None)
        await self._series.delete(endpoint)

    async def read(
        self, endpoint: str, first_ms: int, last_ms: int, width: int | None
    ) -> list[MetricsRow]:
        """Return the rows between two wall times, both included.

        With `width` there are at most that many: counts are added up, a p50 is the mean over the
        requests, a p95 or p99 that of the worst second.
        """
        found = await self._series.read(endpoint, NAMES, first_ms // 1000, last_ms // 1000)
        columns = {each.name: each for each in found}
        if NAMES[0] not in columns:
            return []
        step = columns[NAMES[0]].step
        table = np.full((len(NAMES), len(step)), np.nan)
        for row, name in enumerate(NAMES):
            if name in columns:
                at = np.searchsorted(step, columns[name].step)
                table[row, at] = columns[name].value
        if width is not None and len(step) > width:
            step, table = _binned(step, table, width)
        return [_row(int(step[i]), table[:, i]) for i in range(len(step))]


def _batch(writer: str, first: int, seconds: list[tuple[int, Second]]) -> MetricBatch:
    wall = np.array([second for second, _ in seconds], np.int64)
    values = np.array([_values(figures) for _, figures in seconds], np.float64).T
    block = Block(NAMES, wall, wall * 1000, np.ascontiguousarray(values))
    return MetricBatch(writer, first, first + len(seconds) - 1, (block,))


def _values(second: Second) -> tuple[float, ...]:
    latencies = percentiles([second]) or (np.nan, np.nan, np.nan)
    return second.n_total, second.n_success, second.n_error, *latencies


def _binned(
    step: NDArray[np.int64], table: NDArray[np.float64], width: int
) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """Return the rows of `width` equal bins of time, those that have any."""
    span = int(step[-1] - step[0]) + 1
    bins = (step - step[0]) * width // span
    starts = np.flatnonzero(np.diff(bins, prepend=-1))
    counts = np.add.reduceat(table[:_N_COUNTS], starts, axis=1)
    weights = np.where(np.isnan(table[_N_COUNTS]), 0.0, table[1])
    weighted = np.add.reduceat(np.nan_to_num(table[_N_COUNTS]) * weights, starts)
    total = np.add.reduceat(weights, starts)
    with np.errstate(invalid="ignore"):
        p50 = weighted / total
    worst = np.fmax.reduceat(table[_N_COUNTS + 1 :], starts, axis=1)
    return step[starts], np.vstack([counts, p50[None], worst])


def _row(second: int, column: NDArray[np.float64]) -> MetricsRow:
    total, success, error = (int(value) for value in column[:_N_COUNTS])
    p50, p95, p99 = (
        None if np.isnan(value) else round(float(value), 3) for value in column[_N_COUNTS:]
    )
    return MetricsRow(as_datetime(second * 1000), total, success, error, p50, p95, p99)
