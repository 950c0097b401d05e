"""Latencies in log buckets: percentiles exact to 1 %, in as much memory as there are buckets."""

import math
from collections import Counter, deque
from collections.abc import Iterable
from typing import Final

import msgspec

from axonml.clock import monotonic
from axonml.inference.types import ServingStats

# Neighbouring bounds differ by 2 %, so a bucket's middle is within 1 % of what is in it.
_LOG_RATIO: Final = math.log(1.02)
_WINDOW_S: Final = 10
_PERCENTILES: Final = (0.50, 0.95, 0.99)


class Buckets(Counter[int]):
    """How many durations fell into each log bucket."""

    def add(self, elapsed_s: float) -> None:
        """Count one."""
        self[math.floor(math.log(max(elapsed_s * 1e6, 1.0)) / _LOG_RATIO)] += 1

    def middles_s(self) -> list[tuple[float, int]]:
        """Return the middle of each bucket in seconds and its count, shortest first."""
        return [(_middle_ms(index) / 1000, self[index]) for index in sorted(self)]


class Second(msgspec.Struct):
    """The requests of one second; `latencies` counts those that succeeded."""

    since: float
    n_success: int = 0
    n_error: int = 0
    latencies: Buckets = msgspec.field(default_factory=Buckets)

    @property
    def n_total(self) -> int:
        """Return the number of requests."""
        return self.n_success + self.n_error

    def succeed(self, elapsed_s: float) -> None:
        """Count a request that was answered after `elapsed_s`."""
        self.n_success += 1
        self.latencies.add(elapsed_s)


def percentiles(seconds: Iterable[Second]) -> tuple[float, float, float] | None:
    """Return p50, p95 and p99 in ms over all the seconds; None without a success."""
    buckets: Counter[int] = Counter()
    for second in seconds:
        buckets.update(second.latencies)
    total = buckets.total()
    if not total:
        return None
    found: list[float] = []
    seen = 0
    wanted = [max(1, math.ceil(share * total)) for share in _PERCENTILES]
    for index in sorted(buckets):
        seen += buckets[index]
        while len(found) < len(wanted) and seen >= wanted[len(found)]:
            found.append(_middle_ms(index))
    return found[0], found[1], found[2]


def _middle_ms(index: int) -> float:
    return math.exp((index + 0.5) * _LOG_RATIO) / 1000


class Latency:
    """Counts an endpoint's requests by the second; `cut` hands over the current one."""

    def __init__(self) -> None:
        self._now: Second = Second(monotonic())
        self._past: Final[deque[Second]] = deque(maxlen=_WINDOW_S)
        self._ended: Final = Second(monotonic())

    def succeed(self, elapsed_s: float) -> None:
        """Count a request that was answered after `elapsed_s`."""
        self._now.succeed(elapsed_s)

    def fail(self) -> None:
        """Count a request that was answered with an error."""
        self._now.n_error += 1

    def cut(self) -> Second:
        """End the current second and return it."""
        ended, self._now = self._now, Second(monotonic())
        self._past.append(ended)
        _add(self._ended, ended)
        return ended

    def total(self) -> Second:
        """Return all requests since the server knows the endpoint, as one long second."""
        whole = Second(self._ended.since)
        _add(whole, self._ended)
        _add(whole, self._now)
        return whole

    def stats(self, queued_rows: int) -> ServingStats:
        """Return the figures of the last ten seconds."""
        recent = [*self._past, self._now]
        first = recent[0].since
        window_s = max(monotonic() - first, 1.0)
        p50, p95, p99 = percentiles(recent) or (None, None, None)
        n_total = sum(second.n_total for second in recent)
        return ServingStats(
            requests_per_s=round(n_total / window_s, 3),
            latency_p50=_rounded(p50),
            latency_p95=_rounded(p95),
            latency_p99=_rounded(p99),
            requests_error=sum(second.n_error for second in recent),
            queued_rows=queued_rows,
        )


def _add(whole: Second, part: Second) -> None:
    whole.n_success += part.n_success
    whole.n_error += part.n_error
    whole.latencies.update(part.latencies)


def _rounded(ms: float | None) -> float | None:
    return None if ms is None else round(ms, 3)
