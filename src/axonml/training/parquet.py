"""Runs and their points as Parquet, by the optional package arro3; written to a file, then sent."""

import asyncio
import tempfile
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import suppress
from importlib import import_module
from typing import IO, Any, Final

from axonml.errors import Invalid, Unavailable
from axonml.ids import RunId
from axonml.storage.protocols import Series, SeriesSlice
from axonml.training.filter import Key
from axonml.training.listing import Cell, Entry, cells_of
from axonml.training.searchable import word_of

MEDIA_TYPE: Final = "application/vnd.apache.parquet"
# Held in memory until they are encoded, 24 bytes each.
MAX_POINTS: Final = 20_000_000
_PIECE: Final = 1 << 20
_WORDS: Final = {"NaN": float("nan"), "Infinity": float("inf"), "-Infinity": float("-inf")}

_Column = tuple[str, list[Cell]]


def arrow() -> tuple[Any, Any]:
    """Return arro3's two modules.

    Raises:
        Unavailable: they are not installed; the sentence says how to get them.
    """
    with suppress(ImportError):
        return import_module("arro3.core"), import_module("arro3.io")
    raise Unavailable(
        "this server writes no Parquet: install it with `pip install 'axonml-dashboard[parquet]'`,"
        " or ask for text/csv",
        code="parquet_missing",
    )


async def parquet_of_points(
    series: Series, run: RunId, names: Sequence[str], first: int | None, last: int | None
) -> AsyncIterator[bytes]:
    """Return a file with a row for each point: run, name, step, value, wall time.

    Raises:
        Invalid: it would hold more than `MAX_POINTS`.
    """
    _ = arrow()
    infos = (await series.info([run])).get(run, [])
    known = {info.name: info.n_points for info in infos}
    wanted = [name for name in (names or known) if name in known]
    n_points = sum(known[name] for name in wanted)
    if n_points > MAX_POINTS:
        raise Invalid(
            f"{n_points} points are too many for one file; name fewer metrics with `names`"
        )
    slices = [each for name in wanted for each in await series.read(run, [name], first, last)]
    return _pieces(await asyncio.to_thread(_written, lambda: _points(run, slices)))


async def parquet_of_runs(
    pages: AsyncIterator[list[Entry]], columns: Sequence[tuple[str, Key]]
) -> AsyncIterator[bytes]:
    """Return a file with a row for each run; a column is of numbers where all its values are."""
    _ = arrow()
    keys = [key for _, key in columns]
    rows = [cells_of(entry, keys) async for entries in pages for entry in entries]
    named = [(name, [row[i] for row in rows]) for i, (name, _) in enumerate(columns)]
    return _pieces(await asyncio.to_thread(_written, lambda: _table(named)))


def _written(batches: Callable[[], Iterator[Any]]) -> IO[bytes]:
    core, io = arrow()
    made = list(batches())
    file = tempfile.TemporaryFile()  # noqa: SIM115  # _pieces closes it
    reader = core.RecordBatchReader.from_batches(made[0].schema, made)
    io.write_parquet(reader, file, compression="zstd(3)")
    _ = file.seek(0)
    return file


async def _pieces(file: IO[bytes]) -> AsyncIterator[bytes]:
    with file:
        while piece := await asyncio.to_thread(file.read, _PIECE):
            yield piece


def _points(run: RunId, slices: Sequence[SeriesSlice]) -> Iterator[Any]:
    core, _ = arrow()
    kind = core.DataType
    names = ["run", "name", "step", "value", "wall_time"]
    # A run without points is a file without rows: the first, empty batch has the columns.
    for each in (None, *slices):
        n = 0 if each is None else len(each.step)
        columns = [
            core.Array([str(run)] * n, kind.utf8()),
            core.Array([each.name if each else ""] * n, kind.utf8()),
            core.Array(each.step if each else [], kind.int64()),
            core.Array(each.value if each else [], kind.float64()),
            core.Array(each.wall_ms if each else [], kind.int64()).cast(
                kind.timestamp("ms", tz="UTC")
            ),
        ]
        yield core.RecordBatch.from_arrays(columns, names=names)


def _table(columns: Sequence[_Column]) -> Iterator[Any]:
    core, _ = arrow()
    arrays = [_array(values) for _, values in columns]
    yield core.RecordBatch.from_arrays(arrays, names=[name for name, _ in columns])


def _array(values: Sequence[Cell]) -> object:
    core, _ = arrow()
    read = [_WORDS.get(value, value) if isinstance(value, str) else value for value in values]
    there = [value for value in read if value is not None]
    if there and all(isinstance(value, bool) for value in there):
        return core.Array(read, core.DataType.bool())
    if there and all(isinstance(v, float | int) and not isinstance(v, bool) for v in there):
        numbers = [None if value is None else float(value) for value in read]
        return core.Array(numbers, core.DataType.float64())
    return core.Array([_text(value) for value in values], core.DataType.utf8())


def _text(value: Cell) -> str | None:
    if isinstance(value, bool):
        return "true" if value else "false"
    return word_of(value) if isinstance(value, float | int) else value
