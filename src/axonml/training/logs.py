"""A run's log: lines appended, shown live, read back and searched."""

from collections.abc import Sequence
from datetime import datetime
from itertools import pairwise
from typing import Final

from axonml.clock import as_datetime, as_ms, now_ms
from axonml.errors import Invalid
from axonml.ids import RunId
from axonml.live import Live
from axonml.storage.protocols import Series
from axonml.training.messages import alert_message, log_message, log_topic
from axonml.training.types import Alert, LogEntry, LogPage, NewLog

_FOREVER: Final = 2**63 - 1


class Logs:
    """Accepts log lines; a line is durable before anybody sees it."""

    def __init__(self, series: Series, live: Live) -> None:
        self._series: Final = series
        self._live: Final = live

    async def append(self, run: RunId, new: NewLog) -> int:
        """Store the lines and show them; return the seq of the last.

        Raises:
            Invalid: neither `message` nor `lines` is there, or lines of a writer are not numbered.
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
        logged = await self._series.append_log(run, lines, new.writer, _seqs(new))
        if logged.n_new:
            first, fresh = logged.last_seq - logged.n_new + 1, lines[-logged.n_new :]
            self._live.publish(
                log_topic(run), logged.last_seq, lambda: log_message(run, _entries(first, fresh))
            )
            for line in new.lines[-logged.n_new :]:
                if line.alert is not None:
                    self._alert(run, line.alert, line.level)
        return logged.last_seq

    def _alert(self, run: RunId, alert: Alert, level: str) -> None:
        self._live.publish(log_topic(run), 0, lambda: alert_message(run, alert, level))

    async def page(  # one argument for each condition
        self,
        run: RunId,
        after: int,
        limit: int,
        text: str,
        first: datetime | None = None,
        last: datetime | None = None,
    ) -> LogPage:
        """Return at most `limit` lines after seq `after` that contain `text`; -1 is the tail.

        `first` and `last` are a closed window of their times.
        """
        between = (as_ms(first) if first else -_FOREVER, as_ms(last) if last else _FOREVER)
        lines = await self._series.read_log(run, after, limit, text, between)
        entries = [LogEntry(x.seq, as_datetime(x.wall_ms), x.level, x.message) for x in lines]
        more = len(entries) == limit and after >= 0
        return LogPage(entries, str(entries[-1].seq) if more else None)


def _seqs(new: NewLog) -> list[int]:
    """Return the numbers of a writer's lines, nothing where no writer is named."""
    if not new.writer:
        return []
    seqs = [line.seq for line in new.lines]
    if new.message is not None or any(b <= a for a, b in pairwise([0, *seqs])):
        raise Invalid("with a `writer`, each of `lines` has a `seq`, rising from 1")
    return seqs


def _entries(first: int, lines: Sequence[tuple[int, str, str]]) -> list[LogEntry]:
    return [
        LogEntry(first + i, as_datetime(wall_ms), level, message)
        for i, (wall_ms, level, message) in enumerate(lines)
    ]
