"""What is left of a long series once it was thinned: the same picture, of fewer points."""

import numpy as np
import pytest
from factories import a_batch, append
from numpy.typing import NDArray

from axonml.storage.protocols import Series
from axonml.storage.pyramid import CHUNK

pytestmark = pytest.mark.anyio
N = 5 * CHUNK + 100


def noise(n: int = N) -> NDArray[np.float64]:
    values = np.random.default_rng(4).normal(size=n)
    values[[7, n // 3, n // 2]] = [1e9, -1e9, np.nan]
    return values


async def a_long_series(series: Series) -> NDArray[np.float64]:
    values = noise()
    for first in range(0, N, 10_000):
        some = values[first : first + 10_000]
        steps = np.arange(first, first + len(some))
        batch = a_batch(first + 1, len(some), steps=steps, values=some)
        _ = await append(series, "r", batch)
    await series.finish("r")
    return values


async def test_extremes_ends_and_summaries_stay_exact(series: Series) -> None:
    values = await a_long_series(series)
    before = await series.info(["r"])

    _ = await series.thin("r")
    (whole,) = await series.read("r", ["loss"])

    assert await series.info(["r"]) == before
    assert (np.nanmin(whole.value), np.nanmax(whole.value)) == (-1e9, 1e9)
    assert np.isnan(whole.value).sum() == 1
    assert (whole.step[0], whole.step[-1]) == (0, N - 1)
    assert np.all(np.diff(whole.step) > 0)
    # Each that is left is one that was logged.
    np.testing.assert_array_equal(whole.value, values[whole.step])
    assert len(whole.step) == N or not whole.is_exact


@pytest.mark.parametrize("window", [(0, N), (0, 50), (CHUNK - 3, CHUNK + 3), (9000, 30_000)])
@pytest.mark.parametrize("width", [None, 10, 500])
async def test_old_windows_are_read_with_every_extreme_of_a_group(
    series: Series, window: tuple[int, int], width: int | None
) -> None:
    values = await a_long_series(series)

    _ = await series.thin("r")
    (found,) = await series.read("r", ["loss"], *window, width)

    assert np.all((found.step >= window[0]) & (found.step <= window[1]))
    np.testing.assert_array_equal(found.value, values[found.step])
    # Groups of 64 that lie within the window have kept their extremes.
    first, last = -(-window[0] // 64) * 64, min(window[1] + 1, N) // 64 * 64
    if last > first:
        assert np.nanmax(found.value) >= np.nanmax(values[first:last])
        assert np.nanmin(found.value) <= np.nanmin(values[first:last])


async def test_a_repeat_thins_nothing_and_a_short_series_stays_whole(series: Series) -> None:
    _ = await a_long_series(series)
    _ = await append(series, "short", a_batch(n=500))

    thinned = [await series.thin("r"), await series.thin("r"), await series.thin("short")]
    (short,) = await series.read("short", ["loss"])

    assert thinned[1:] == [0, 0]
    assert len(short.step) == 500
    assert short.is_exact


async def test_points_that_come_late_are_added_to_what_is_left(series: Series) -> None:
    _ = await a_long_series(series)
    _ = await series.thin("r")

    late = np.array([100, CHUNK + 5, 3 * CHUNK + 1])
    values = np.array([2e9, -2e9, 0.5])
    _ = await append(series, "r", a_batch(1, 3, writer="late", steps=late, values=values))
    await series.finish("r")
    _ = await append(series, "r", a_batch(4, 1, writer="late", steps=late[:1], values=values[2:]))
    await series.finish("r")
    (whole,) = await series.read("r", ["loss"])
    (drawn,) = await series.read("r", ["loss"], width=20)

    assert (np.nanmin(whole.value), np.nanmax(whole.value)) == (-2e9, 2e9)
    assert (np.nanmin(drawn.value), np.nanmax(drawn.value)) == (-2e9, 2e9)
    assert (whole.step == 100).sum() >= 2
    assert np.all(np.diff(whole.step) >= 0)
    (info,) = (await series.info(["r"]))["r"]
    assert info.n_points == N + 4


async def test_a_thinned_run_is_deleted_whole(series: Series) -> None:
    _ = await a_long_series(series)
    _ = await series.thin("r")

    await series.delete("r")

    assert await series.read("r", ["loss"]) == []
    assert (await series.totals())["n_points"] == 0


async def test_a_thinned_run_takes_a_fraction_of_the_room(
    series: Series, request: pytest.FixtureRequest
) -> None:
    if "memory" in request.node.name:
        pytest.skip("the fake drops nothing")
    _ = await a_long_series(series)

    n_chunks = await series.thin("r")
    (whole,) = await series.read("r", ["loss"])

    assert n_chunks == 5
    assert len(whole.step) < 5 * CHUNK // 10 + 100
    assert not whole.is_exact
