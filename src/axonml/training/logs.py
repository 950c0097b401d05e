"""A run's log: lines appended, shown live, read back and searched."""

from collections.abc import Sequence
from typing import Final

from axonml.clock import as_datetime, now_ms
from axonml.errors import Invalid
from axonml.ids import RunId
from axonml.live import Live
from axonml.storage.protocols import Series
from axonml.training.messages import log_message, log_topic
from axonml.training.types import LogEntry, LogPage, NewLog


class Logs:
    """Accepts log lines; a line is durable before anybody sees it."""

    def __init__(self, series: Series, live: Live) -> None:
        self._series: Final = series
        self._live: Final = live

    async def append(self, run: RunId, new: NewLog) -> int:
        """Store the lines and show them; return the seq of the last.

        Raises:
            Invalid: neither `message` nor `lines` is there.
        """
        arrived = now_ms()
        lines = [
            (
                arrived if line.timestamp is None else int(line.timestamp.timestamp() * 1000),
                line.level,
                line.message,
            )
            for line in new.lines
        ]
        if new.message is not None:
            lines.append((arrived, new.level, new.message))
        if not lines:
            raise Invalid("a log entry has `message`, or `lines` with at least one line")
        last = await self._series.append_log(run, lines)
        first = last - len(lines) + 1
        self._live.publish(log_topic(run), last, lambda: log_message(run, _entries(first, lines)))
        return last

    async def page(self, run: RunId, after: int, limit: int, text: str) -> LogPage:
        """Return at most `limit` lines after seq `after` that contain `text`; -1 is the tail."""
        lines = await self._series.read_log(run, after, limit, text)
        entries = [LogEntry(x.seq, as_datetime(x.wall_ms), x.level, x.message) for x in lines]
        more = len(entries) == limit and after >= 0
        return LogPage(entries, str(entries[-1].seq) if more else None)


def _entries(first: int, lines: Sequence[tuple[int, str, str]]) -> list[LogEntry]:
    return [
        LogEntry(first + i, as_datetime(wall_ms), level, message)
        for i, (wall_ms, level, message) in enumerate(lines)
    ]
