"""The one source of time; tests replace these names to hold it still."""

import time
from datetime import UTC, datetime


def now_ms() -> int:
    """Return the wall time in milliseconds since the Unix epoch, UTC."""
    return time.time_ns() // 1_000_000


def monotonic() -> float:
    """Return seconds from an arbitrary start that never step back: for time-outs and rates."""
    return time.monotonic()


def as_datetime(ms: int) -> datetime:
    """Return the aware UTC datetime of a wall time in milliseconds."""
    return datetime.fromtimestamp(ms / 1000, UTC)


def as_ms(moment: datetime) -> int:
    """Return the wall time in milliseconds of a datetime; one without a zone is in UTC."""
    aware = moment if moment.tzinfo is not None else moment.replace(tzinfo=UTC)
    return int(aware.timestamp() * 1000)


def now() -> datetime:
    """Return the current time as an aware UTC datetime, cut to milliseconds."""
    return as_datetime(now_ms())
