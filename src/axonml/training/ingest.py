"""The hot path of training: a batch of points becomes durable, then live."""

from datetime import datetime
from typing import Any, Final

import msgspec
import numpy as np
from numpy.typing import NDArray

from axonml.clock import now_ms
from axonml.columns import Block, MetricBatch, encode_batch
from axonml.errors import FieldError, Invalid
from axonml.http.decode import decode_json
from axonml.ids import RunId, new_id
from axonml.live import Live
from axonml.storage.protocols import Appended, Series
from axonml.training.messages import (
    columns_messages,
    metrics_topic,
    step_messages,
    steps_topic,
)
from axonml.training.types import NewMetrics

MAX_NAMES: Final = 10_000
_MAX_NAME: Final = 256
_MAX_WRITER: Final = 64
_YEAR_10000_MS: Final = 253_402_300_800_000  # what datetime cannot show any more
_WORDS: Final = {"NaN": float("nan"), "Infinity": float("inf"), "-Infinity": float("-inf")}
_STEP_LIMIT: Final = 1 << 53  # the page's numbers are exact up to here


class Ingest:
    """Accepts metric batches; each point is stored exactly once and then shown."""

    def __init__(self, series: Series, live: Live) -> None:
        self._series: Final = series
        self._live: Final = live

    async def append(self, run: RunId, batch: MetricBatch, frame: bytes | None = None) -> Appended:
        """Store `batch` durably, then show it to everyone who watches `run`.

        A batch that was stored before is dropped silently: the SDK resends after a lost answer,
        and a resend must not double a curve. `frame` is the batch as it came, where it came packed.
        """
        check_batch(batch)
        appended = await self._series.append(run, batch, frame or encode_batch(batch))
        if appended.is_new:
            seq = appended.cursor
            self._live.publish(metrics_topic(run), seq, lambda: columns_messages(run, seq, batch))
            self._live.publish(steps_topic(run), seq, lambda: step_messages(seq, batch))
        return appended

    def is_watched(self, run: RunId) -> bool:
        """Tell whether anybody looks at the run right now: then its script sends more often."""
        return self._live.is_watched(metrics_topic(run)) or self._live.is_watched(steps_topic(run))


def check_batch(batch: MetricBatch) -> None:
    """Refuse names, steps and times that no chart could show.

    Raises:
        Invalid: the first field that is wrong, by its path.
    """
    if not 1 <= len(batch.writer) <= _MAX_WRITER:
        raise _invalid("$.writer", f"a writer has 1 to {_MAX_WRITER} characters")
    if not 0 <= batch.first_seq <= batch.last_seq < _STEP_LIMIT:
        raise _invalid("$.last_seq", "0 <= first_seq <= last_seq < 2**53")
    for i, block in enumerate(batch.blocks):
        if len(block.names) > MAX_NAMES:
            raise _invalid(f"$.blocks[{i}]", f"more than {MAX_NAMES} metric names in one batch")
        for name in block.names:
            if not 1 <= len(name) <= _MAX_NAME or not name.isprintable():
                shown = name[:32].encode("unicode_escape").decode()
                raise _invalid(
                    f"$.blocks[{i}].names",
                    f"a metric name has 1 to {_MAX_NAME} printable characters, not {shown!r}",
                )
        if not _within(block.step, -_STEP_LIMIT + 1, _STEP_LIMIT):
            raise _invalid(f"$.blocks[{i}].step", "a step lies between -2**53 and 2**53")
        if not _within(block.wall_ms, 0, _YEAR_10000_MS):
            raise _invalid(f"$.blocks[{i}].wall_ms", "a time lies between 1970 and 9999")


def _within(column: NDArray[np.int64], lowest: int, end: int) -> bool:
    return not len(column) or (lowest <= int(column.min()) and int(column.max()) < end)


_decode_json: Final = msgspec.json.Decoder(NewMetrics).decode


def batch_of_json(body: bytes) -> MetricBatch:
    """Return the batch in a JSON body: `{"metrics": [{"step": 1, "loss": 0.3, ...}, ...]}`.

    Raises:
        Invalid: a row without a step, or a value that is no number.
    """
    parsed = decode_json(body, _decode_json)
    if not parsed.metrics:
        raise _invalid("$.metrics", "a batch has at least one row")
    arrived = now_ms()
    rows_by_names: dict[tuple[str, ...], list[tuple[int, int, list[float]]]] = {}
    for i, row in enumerate(parsed.metrics):
        step, wall_ms, named = _row(f"$.metrics[{i}]", row, arrived)
        rows_by_names.setdefault(tuple(named), []).append((step, wall_ms, list(named.values())))
    blocks = tuple(
        Block(
            names,
            np.array([row[0] for row in rows], np.int64),
            np.array([row[1] for row in rows], np.int64),
            np.array([row[2] for row in rows], np.float64).T.reshape(len(names), len(rows)),
        )
        for names, rows in rows_by_names.items()
    )
    last_seq = parsed.first_seq + len(parsed.metrics) - 1
    return MetricBatch(parsed.writer or new_id(), parsed.first_seq, last_seq, blocks)


def _row(path: str, row: dict[str, Any], arrived: int) -> tuple[int, int, dict[str, float]]:
    step = row.pop("step", None)
    if type(step) is not int or abs(step) >= _STEP_LIMIT:
        raise _invalid(f"{path}.step", "every row has an integer step between -2**53 and 2**53")
    wall_ms = _wall_ms(f"{path}.timestamp", row.pop("timestamp", None), arrived)
    named: dict[str, float] = {}
    for name, value in row.items():
        if value is None:
            continue
        number = _WORDS.get(value) if isinstance(value, str) else value
        if isinstance(number, bool) or not isinstance(number, int | float):
            raise _invalid(
                f"{path}.{name[:64]}", 'a metric is a number, "NaN", "Infinity" or "-Infinity"'
            )
        named[name] = float(number)
    return step, wall_ms, named


def _wall_ms(path: str, value: object, arrived: int) -> int:
    """Read RFC 3339 text or seconds since the epoch; a row without either came now."""
    wrong = _invalid(path, "a timestamp is RFC 3339 text or seconds since 1970, up to 9999")
    try:
        match value:
            case None:
                return arrived
            case str():
                seconds = msgspec.convert(value, datetime).timestamp()
            case int() | float():
                seconds = float(value)
            case _:
                raise wrong
    except (msgspec.ValidationError, OverflowError):
        raise wrong from None
    if not 0 <= seconds * 1000 < _YEAR_10000_MS:
        raise wrong
    return int(seconds * 1000)


def _invalid(path: str, message: str) -> Invalid:
    return Invalid(f"{path}: {message}", fields=(FieldError(path, message),))
