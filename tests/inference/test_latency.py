"""Percentiles from log buckets, and the figures of the last seconds."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from axonml.inference import latency
from axonml.inference.latency import Latency, percentiles


@given(st.lists(st.floats(2e-6, 600), min_size=1, max_size=300))
def test_percentiles_are_exact_to_one_percent(seconds: list[float]) -> None:
    recorder = Latency()
    for each in seconds:
        recorder.succeed(each)

    found = percentiles([recorder.cut()])

    ordered = np.sort(seconds) * 1000
    wanted = [ordered[max(0, int(np.ceil(q * len(ordered))) - 1)] for q in (0.5, 0.95, 0.99)]
    assert found == pytest.approx(wanted, rel=0.0101)


def test_a_second_counts_what_happened_in_it() -> None:
    recorder = Latency()
    recorder.succeed(0.001)
    recorder.fail()

    first, second = recorder.cut(), recorder.cut()

    assert (first.n_total, first.n_success, first.n_error) == (2, 1, 1)
    assert second.n_total == 0
    assert percentiles([second]) is None


def test_the_figures_are_those_of_the_last_ten_seconds(monkeypatch: pytest.MonkeyPatch) -> None:
    at = [100.0]
    monkeypatch.setattr(latency, "monotonic", lambda: at[0])
    recorder = Latency()
    for _ in range(20):
        recorder.succeed(0.010)
        recorder.succeed(0.010)
        at[0] += 1.0
        _ = recorder.cut()

    stats = recorder.stats(queued_rows=5)

    assert stats.requests_per_s == pytest.approx(2.0, rel=0.11)
    assert stats.latency_p50 == pytest.approx(10.0, rel=0.01)
    assert (stats.requests_error, stats.queued_rows) == (0, 5)


def test_an_idle_endpoint_has_no_latency() -> None:
    stats = Latency().stats(queued_rows=0)

    assert (stats.requests_per_s, stats.latency_p50, stats.latency_p99) == (0.0, None, None)
