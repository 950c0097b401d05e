"""What a run logged, read back: columns for charts, rows for people and programs."""

import asyncio
import math
from collections.abc import Sequence
from typing import Any, Final

import msgspec
import numpy as np
from msgspec import UNSET
from numpy.typing import NDArray

from axonml.clock import as_datetime
from axonml.columns import pack
from axonml.errors import Invalid
from axonml.ids import RunId
from axonml.storage.protocols import Series, SeriesInfo, SeriesSlice
from axonml.training.smoothing import MAX_SMOOTHED_POINTS, smoothed_slice
from axonml.training.types import (
    MetricRows,
    Number,
    SeriesAnswer,
    SeriesColumns,
    SeriesQuery,
    SeriesSummary,
)

MAX_EXACT_POINTS: Final = 2_000_000


class Curve(msgspec.Struct, frozen=True, eq=False):
    """One series of one run; `smoothed` is its average, shape (n,), where that was asked for."""

    run: RunId
    points: SeriesSlice
    smoothed: NDArray[np.float64] | None = None


Found = list[Curve]


def number_of(value: float) -> Number:
    """Return the value as JSON can carry it: NaN and infinities as words."""
    if math.isfinite(value):
        return value
    return "NaN" if math.isnan(value) else "Infinity" if value > 0 else "-Infinity"


def numbers_of(values: NDArray[np.float64]) -> list[Number]:
    """Return a column of shape (n,) as JSON can carry it."""
    numbers: list[Number] = values.tolist()
    for i in np.flatnonzero(~np.isfinite(values)):
        numbers[i] = number_of(float(values[i]))
    return numbers


class History:
    """Reads series; it never writes and never decides who may read."""

    def __init__(self, series: Series) -> None:
        self._series: Final = series

    @property
    def series(self) -> Series:
        """Return where the points live."""
        return self._series

    async def summaries(self, run: RunId) -> list[SeriesSummary]:
        """Return one line for each series of the run, by name."""
        return [_summary(info) for info in (await self._series.info([run])).get(run, [])]

    async def query(self, wanted: SeriesQuery) -> tuple[Found, dict[str, int]]:
        """Return the series asked for, and each run's stream cursor from before the read.

        Raises:
            Invalid: without `width` the answer would hold more than `MAX_EXACT_POINTS`.
        """
        known = await self._series.info(wanted.runs)
        found: Found = []
        cursors: dict[str, int] = {}
        n_points = sum(
            info.n_points
            for infos in known.values()
            for info in infos
            if not wanted.names or info.name in wanted.names
        )
        if wanted.width is None and n_points > MAX_EXACT_POINTS:
            raise Invalid(
                f"{n_points} points in one answer are too many; give `width`, or fewer names"
            )
        for run in map(RunId, wanted.runs):
            # The cursor first: a batch that lands in between is then seen twice, never missed.
            cursors[run] = await self._series.cursor(run)
            infos = known.get(run, [])
            names = wanted.names or [info.name for info in infos]
            if wanted.smoothing is None:
                found += await self._plain(run, names, wanted)
                continue
            short = {info.name for info in infos if info.n_points <= MAX_SMOOTHED_POINTS}
            for name in names:
                if name in short:
                    found += await self._smoothed(run, name, wanted, wanted.smoothing.weight)
                else:
                    found += await self._plain(run, [name], wanted)
        return found, cursors

    async def _plain(self, run: RunId, names: Sequence[str], wanted: SeriesQuery) -> Found:
        slices = await self._series.read(
            run, names, wanted.first_step, wanted.last_step, wanted.width
        )
        return [Curve(run, piece) for piece in slices]

    async def _smoothed(self, run: RunId, name: str, wanted: SeriesQuery, weight: float) -> Found:
        """Return one series with its average; one at a time, for its raw columns may be large."""
        slices = await self._series.read(run, [name], None, wanted.last_step)
        return [
            Curve(
                run,
                *await asyncio.to_thread(
                    smoothed_slice, whole, weight, wanted.first_step, wanted.width
                ),
            )
            for whole in slices
        ]

    async def rows(
        self, run: RunId, names: Sequence[str], first: int | None, last: int | None, limit: int
    ) -> MetricRows:
        """Return at most about `limit` rows from step `first` on, in the order of steps.

        Points of one `log()` share step and wall time: they are one row. A page ends between two
        steps, so it may hold a few rows more than `limit`.
        """
        infos = (await self._series.info([run])).get(run, [])
        wanted = list(names) or [info.name for info in infos]
        end = max((info.last_step for info in infos), default=-1)
        end = end if last is None else min(end, last)
        start = first
        window = limit
        while True:
            upto = end if start is None else min(end, start + window - 1)
            rows = _rows(await self._series.read(run, wanted, start, upto))
            if len(rows) >= limit or upto >= end:
                break
            window *= 4
        kept = _cut_between_steps(rows, limit)
        more = len(kept) < len(rows) or upto < end
        return MetricRows(kept, str(kept[-1]["step"] + 1) if more and kept else None)


def answer_of(found: Found, cursors: dict[str, int]) -> SeriesAnswer:
    """Return the series as JSON columns."""
    columns = [
        SeriesColumns(
            curve.run,
            curve.points.name,
            curve.points.is_exact,
            curve.points.step.tolist(),
            numbers_of(curve.points.value),
            curve.points.wall_ms.tolist(),
            UNSET if curve.smoothed is None else numbers_of(curve.smoothed),
        )
        for curve in found
    ]
    return SeriesAnswer(columns, cursors)


def frame_of(found: Found, cursors: dict[str, int]) -> bytes:
    """Return the series as one frame of packed columns: step, value, wall_ms of each.

    A series with `is_smoothed` in its header has its average as a fourth column.
    """
    series: list[dict[str, Any]] = []
    arrays: list[NDArray[Any]] = []
    for curve in found:
        points = curve.points
        header = {"run": curve.run, "name": points.name, "is_exact": points.is_exact}
        arrays += [points.step, points.value, points.wall_ms]
        if curve.smoothed is not None:
            header["is_smoothed"] = True
            arrays.append(curve.smoothed)
        series.append(header)
    return pack({"series": series, "cursors": cursors}, arrays)


def _summary(info: SeriesInfo) -> SeriesSummary:
    return SeriesSummary(
        info.name,
        info.n_points,
        info.last_step,
        number_of(info.last_value),
        info.lowest,
        info.highest,
    )


def _rows(slices: list[SeriesSlice]) -> list[dict[str, Any]]:
    rows: dict[tuple[int, int], dict[str, Any]] = {}
    for piece in slices:
        points = zip(
            piece.step.tolist(), piece.wall_ms.tolist(), numbers_of(piece.value), strict=True
        )
        for step, wall_ms, value in points:
            row = rows.get((step, wall_ms))
            if row is None:
                row = {"step": step, "timestamp": as_datetime(wall_ms)}
                rows[step, wall_ms] = row
            row[piece.name] = value
    return [rows[key] for key in sorted(rows)]


def _cut_between_steps(rows: list[dict[str, Any]], limit: int) -> list[dict[str, Any]]:
    end = limit
    while 0 < end < len(rows) and rows[end]["step"] == rows[end - 1]["step"]:
        end += 1
    return rows[:end]
