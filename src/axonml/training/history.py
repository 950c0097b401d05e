"""What a run logged, read back: columns for charts, rows for people and programs."""

import asyncio
import math
from collections.abc import Iterator, Mapping, Sequence
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
from axonml.training.along import Along, steps_around, thinned, within, x_by_step
from axonml.training.smoothing import MAX_SMOOTHED_POINTS, ema, smoothed_slice
from axonml.training.types import (
    MetricRows,
    MetricX,
    Number,
    SeriesAnswer,
    SeriesColumns,
    SeriesQuery,
    SeriesSummary,
)

MAX_EXACT_POINTS: Final = 2_000_000
# Pixels at which a long series is read to find where a window of time begins and ends.
_COARSE: Final = 8192


class Curve(msgspec.Struct, frozen=True, eq=False):
    """One series of one run; its average and its x, shape (n,), where these were asked for."""

    run: RunId
    points: SeriesSlice
    smoothed: NDArray[np.float64] | None = None
    x: NDArray[np.float64] | None = None


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
            Invalid: without `width` the answer would hold more than `MAX_EXACT_POINTS`; or no run
                has the metric that is to be x; or `starts_ms` are not as many as runs.
        """
        known = await self._series.info(wanted.runs)
        _check_x(wanted, known)
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
        for run, own in _of_each(wanted):
            # The cursor first: a batch that lands in between is then seen twice, never missed.
            cursors[run] = await self._series.cursor(run)
            infos = known.get(run, [])
            names = wanted.names or [info.name for info in infos]
            if _is_along(own):
                found += await self._along(run, names, infos, own)
                continue
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

    async def _along(
        self, run: RunId, names: Sequence[str], infos: Sequence[SeriesInfo], wanted: SeriesQuery
    ) -> Found:
        """Return series thinned along another x; one at a time, from their raw columns."""
        sizes = {info.name: info.n_points for info in infos}
        over: SeriesSlice | None = None
        if isinstance(wanted.x, MetricX):
            metric = wanted.x.metric
            _check_size(metric, sizes.get(metric, 0))
            slices = await self._series.read(run, [metric], wanted.first_step, wanted.last_step)
            if not slices:
                return []
            over = slices[0]
        found: Found = []
        for name in names:
            if over is None and sizes.get(name, 0) > MAX_SMOOTHED_POINTS:
                found += await self._long(run, name, wanted)
                continue
            _check_size(name, sizes.get(name, 0))
            # An average begins with the series, not with the window.
            first = wanted.first_step if wanted.smoothing is None else None
            for whole in await self._series.read(run, [name], first, wanted.last_step):
                curve = await asyncio.to_thread(_drawn_along, whole, over, wanted)
                x = None if over is None else curve.x
                found.append(Curve(run, curve.points, curve.average, x))
        return found

    async def _long(self, run: RunId, name: str, wanted: SeriesQuery) -> Found:
        """Return a window of time of a series too long to be read whole, without its average."""
        ends = (wanted.first_step, wanted.last_step)
        found: Found = []
        for coarse in await self._series.read(run, [name], *ends, _COARSE):
            if not len(coarse.step):
                continue
            around = steps_around(coarse, wanted.first_wall_ms, wanted.last_wall_ms)
            plain = msgspec.structs.replace(wanted, smoothing=None)
            for piece in await self._series.read(run, [name], *around, wanted.width):
                curve = await asyncio.to_thread(_drawn_along, piece, None, plain)
                found.append(Curve(run, curve.points))
        return found

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
            UNSET if curve.x is None else curve.x.tolist(),
        )
        for curve in found
    ]
    return SeriesAnswer(columns, cursors)


def frame_of(found: Found, cursors: dict[str, int]) -> bytes:
    """Return the series as one frame of packed columns: step, value, wall_ms of each.

    A series with `is_smoothed` in its header has its average as a column more, and then one with
    `has_x` its x.
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
        if curve.x is not None:
            header["has_x"] = True
            arrays.append(curve.x)
        series.append(header)
    return pack({"series": series, "cursors": cursors}, arrays)


def _of_each(wanted: SeriesQuery) -> Iterator[tuple[RunId, SeriesQuery]]:
    """Yield each run with the query whose window of wall times is its own."""
    if wanted.starts_ms and len(wanted.starts_ms) != len(wanted.runs):
        raise Invalid(f"{len(wanted.starts_ms)} starts for {len(wanted.runs)} runs")
    starts = wanted.starts_ms or [0] * len(wanted.runs)
    ends = (wanted.first_wall_ms, wanted.last_wall_ms)
    for run, start in zip(wanted.runs, starts, strict=True):
        first, last = (None if end is None else end + start for end in ends)
        own = msgspec.structs.replace(wanted, first_wall_ms=first, last_wall_ms=last)
        yield RunId(run), own


def _is_along(wanted: SeriesQuery) -> bool:
    by_wall = wanted.first_wall_ms is not None or wanted.last_wall_ms is not None
    return by_wall or wanted.x != "step"


def _check_x(wanted: SeriesQuery, known: Mapping[str, Sequence[SeriesInfo]]) -> None:
    if not isinstance(wanted.x, MetricX):
        return
    metric = wanted.x.metric
    if not any(info.name == metric for infos in known.values() for info in infos):
        raise Invalid(f"no point of a metric {metric!r} is in these runs, so it cannot be x")


def _check_size(name: str, n_points: int) -> None:
    if n_points > MAX_SMOOTHED_POINTS:
        raise Invalid(
            f"{name!r} has {n_points} points, too many to draw over another x than the step"
        )


def _drawn_along(whole: SeriesSlice, over: SeriesSlice | None, wanted: SeriesQuery) -> Along:
    """Return the points that the plot needs; `over` is the metric that is x, if one is."""
    if over is not None:
        x = x_by_step(whole.step, over.step, over.value)
    else:
        x = (whole.wall_ms if wanted.x == "wall" else whole.step).astype(np.float64)
    average = None if wanted.smoothing is None else ema(whole.value, wanted.smoothing.weight)
    curve = Along(whole, x, average)
    if wanted.first_step is not None:
        start = int(np.searchsorted(whole.step, wanted.first_step, "left"))
        curve = curve.kept(np.arange(start, len(x)), is_exact=whole.is_exact)
    return thinned(within(curve, wanted.first_wall_ms, wanted.last_wall_ms), wanted.width)


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
