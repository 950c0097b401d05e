"""The average behind a curve is that of every logged point, however few are drawn."""

import math

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from axonml.storage.protocols import SeriesSlice
from axonml.training.smoothing import ema, smoothed_slice

WEIGHTS = st.floats(0, 0.9999)


def one_by_one(values: list[float], weight: float) -> list[float]:
    """Return the average as a loop over the points has it."""
    averages: list[float] = []
    last, n = 0.0, 0
    for value in values:
        if math.isfinite(value):
            n += 1
            last = last * weight + (1 - weight) * value
            averages.append(last / (1 - weight**n))
        else:
            averages.append(value)
    return averages


def a_slice(value: NDArray[np.float64]) -> SeriesSlice:
    step = np.arange(len(value), dtype=np.int64)
    return SeriesSlice("loss", step, value, step * 1000, is_exact=True)


@given(st.lists(st.floats(-1e6, 1e6) | st.just(math.nan) | st.just(math.inf)), WEIGHTS)
def test_the_average_is_what_a_loop_over_all_points_finds(
    values: list[float], weight: float
) -> None:
    found = ema(np.array(values, np.float64), weight)

    np.testing.assert_allclose(found, one_by_one(values, weight), rtol=1e-9, atol=1e-6)


def test_a_long_series_keeps_its_average_to_the_end() -> None:
    value = np.random.default_rng(1).normal(size=200_000)

    for weight in (0.6, 0.99, 0.9999):
        np.testing.assert_allclose(
            ema(value, weight), one_by_one(value.tolist(), weight), rtol=1e-9, atol=1e-9
        )


@given(st.integers(0, 9_999), st.integers(1, 60), WEIGHTS)
def test_a_spike_is_drawn_and_the_average_at_each_drawn_point_is_that_of_all_points(
    at: int, width: int, weight: float
) -> None:
    value = np.sin(np.arange(10_000) / 300)
    value[at] = 50.0

    drawn, average = smoothed_slice(a_slice(value), weight, None, width)

    assert at in drawn.step
    assert len(drawn.step) <= 8 * width
    np.testing.assert_array_equal(average, ema(value, weight)[drawn.step])
    assert average.max() == ema(value, weight).max()


def test_a_window_shows_the_line_that_the_whole_chart_shows() -> None:
    value = np.random.default_rng(2).normal(size=1_000)

    drawn, average = smoothed_slice(a_slice(value), 0.95, 400, 10_000)

    assert drawn.is_exact
    assert drawn.step.tolist() == list(range(400, 1_000))
    np.testing.assert_array_equal(average, ema(value, 0.95)[400:])
