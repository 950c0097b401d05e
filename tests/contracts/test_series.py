"""What every engine promises of points and lines."""

import asyncio
import tempfile
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import TypeVar

import numpy as np
import pytest
from factories import a_batch, append
from hypothesis import given, settings
from hypothesis import strategies as st

from axonml.columns import encode_batch
from axonml.config import Config
from axonml.storage.open import open_storage
from axonml.storage.protocols import Logged, LogLine, Series, SeriesSlice

T = TypeVar("T")


async def in_fresh_storage(body: Callable[[Series], Awaitable[T]]) -> T:
    """Return what `body` returns: an example of Hypothesis begins with nothing stored."""
    with tempfile.TemporaryDirectory() as folder:
        storage = await open_storage(Config(Path(folder)))
        try:
            return await body(storage.series)
        finally:
            await storage.close()


@pytest.mark.anyio
async def test_what_was_appended_is_read_back_in_order_of_steps(series: Series) -> None:
    _ = await append(series, "r", a_batch(11, 10))
    _ = await append(series, "r", a_batch(1, 10, writer="w2"))

    (loss,) = await series.read("r", ["loss", "never logged"])

    assert loss.step.tolist() == list(range(1, 21))
    assert loss.is_exact


@pytest.mark.anyio
async def test_a_batch_sent_twice_is_stored_once(series: Series) -> None:
    first = await append(series, "r", a_batch(1, 10))
    again = await append(series, "r", a_batch(1, 10))

    assert (first.is_new, again.is_new) == (True, False)
    assert again.last_seq == 10
    assert (await series.info(["r"]))["r"][0].n_points == 10


@pytest.mark.anyio
async def test_a_batch_that_overlaps_stores_nothing_and_says_where_to_go_on(
    series: Series,
) -> None:
    _ = await append(series, "r", a_batch(1, 10))

    overlapping = await append(series, "r", a_batch(6, 10))

    assert (overlapping.is_new, overlapping.last_seq) == (False, 10)
    assert (await series.info(["r"]))["r"][0].n_points == 10


@pytest.mark.anyio
async def test_two_writers_of_a_run_do_not_shadow_each_other(series: Series) -> None:
    a = await append(series, "r", a_batch(1, 5, writer="rank0"))
    b = await append(series, "r", a_batch(1, 5, writer="rank1"))

    assert a.is_new
    assert b.is_new
    assert b.cursor > a.cursor


@pytest.mark.anyio
async def test_the_summary_is_the_last_step_and_the_finite_extremes(series: Series) -> None:
    values = np.array([[3.0, np.nan, -np.inf, 1.0]])
    _ = await append(series, "r", a_batch(1, 4, values=values))
    late = a_batch(5, 2, steps=np.array([2, 3]), values=np.array([[-7.0, 9.0]]))
    _ = await append(series, "r", late)

    (loss,) = (await series.info(["r"]))["r"]

    assert (loss.n_points, loss.last_step, loss.last_value) == (6, 4, 1.0)
    assert (loss.lowest, loss.highest) == (-7.0, 9.0)


@pytest.mark.anyio
async def test_a_last_value_that_is_nan_stays_nan(series: Series) -> None:
    _ = await append(series, "r", a_batch(1, 1, values=np.array([[np.nan]])))

    (loss,) = (await series.info(["r"]))["r"]

    assert np.isnan(loss.last_value)
    assert (loss.lowest, loss.highest) == (None, None)


@pytest.mark.anyio
async def test_a_stream_goes_on_after_its_cursor(series: Series) -> None:
    frames = [encode_batch(a_batch(first, 5)) for first in (1, 6, 11)]
    cursors = [(await append(series, "r", a_batch(f, 5))).cursor for f in (1, 6, 11)]
    _ = await append(series, "other", a_batch(1, 5))

    assert await series.since("r", cursors[0]) == list(zip(cursors[1:], frames[1:], strict=True))
    assert await series.since("r", cursors[2]) == []
    assert await series.cursor("r") == cursors[2]


@pytest.mark.anyio
async def test_a_cursor_from_before_the_packing_is_told_to_read_the_history(
    series: Series,
) -> None:
    first = await append(series, "r", a_batch(1, 5))
    second = await append(series, "r", a_batch(6, 5))

    await series.finish("r")

    assert await series.since("r", first.cursor) is None
    assert await series.since("r", second.cursor) == []
    assert await series.cursor("r") == second.cursor


@pytest.mark.anyio
async def test_packing_changes_no_answer(series: Series) -> None:
    names = ("loss", "acc")
    for first in range(1, 40_001, 4_000):
        _ = await append(series, "r", a_batch(first, 4_000, names=names))
    before = await series.read("r", names)
    info = await series.info(["r"])

    await series.finish("r")
    await series.finish("r")

    after = await series.read("r", names)
    for a, b in zip(before, after, strict=True):
        assert a.value.tobytes() == b.value.tobytes()
        assert a.step.tobytes() == b.step.tobytes()
        assert a.wall_ms.tobytes() == b.wall_ms.tobytes()
    assert await series.info(["r"]) == info


@pytest.mark.anyio
async def test_values_that_are_not_finite_survive_packing_bit_for_bit(series: Series) -> None:
    payload = np.frombuffer(np.uint64(0x7FF8_0000_DEAD_BEEF).tobytes(), np.float64)[0]
    values = np.array([[np.nan, payload, np.inf, -np.inf, -0.0, 5e-324]])
    _ = await append(series, "r", a_batch(1, 6, values=values))

    await series.finish("r")

    (loss,) = await series.read("r", ["loss"])
    assert loss.value.tobytes() == values.tobytes()


Arrivals = list[tuple[int, int, bool]]  # first step, number of steps, pack afterwards


@settings(max_examples=25, deadline=None)
@given(
    arrivals=st.lists(
        st.tuples(
            st.integers(-20_000, 20_000), st.sampled_from([1, 50, 5_000, 9_000]), st.booleans()
        ),
        min_size=1,
        max_size=6,
    )
)
def test_batches_out_of_order_read_like_their_sorted_whole(arrivals: Arrivals) -> None:
    async def read_back(series: Series) -> SeriesSlice:
        seq = 1
        for start, n, pack in arrivals:
            values = np.arange(seq, seq + n, dtype=np.float64)
            steps = start + np.arange(n)
            batch = a_batch(seq, n, steps=steps, values=values)
            _ = await append(series, "r", batch)
            if pack:
                await series.finish("r")
            seq += n
        return (await series.read("r", ["loss"]))[0]

    loss = asyncio.run(in_fresh_storage(read_back))

    steps = np.concatenate([start + np.arange(n) for start, n, _ in arrivals])
    order = np.argsort(steps, kind="stable")
    assert loss.step.tolist() == steps[order].tolist()
    assert loss.value.tolist() == (order + 1.0).tolist()


@settings(max_examples=10, deadline=None)
@given(
    windows=st.lists(
        st.tuples(st.integers(0, 399_999), st.integers(0, 399_999), st.integers(1, 2_000)),
        min_size=5,
        max_size=5,
    )
)
def test_a_plot_of_any_window_keeps_its_extremes(windows: list[tuple[int, int, int]]) -> None:
    whole = np.random.default_rng(5).normal(size=400_000).cumsum()

    async def plots(series: Series) -> list[SeriesSlice]:
        for first in range(0, 400_000, 50_000):
            steps = np.arange(first, first + 50_000)
            batch = a_batch(first + 1, 50_000, steps=steps, values=whole[steps])
            _ = await append(series, "r", batch)
        await series.finish("r")
        return [
            (await series.read("r", ["loss"], min(a, b), max(a, b), width))[0]
            for a, b, width in windows
        ]

    for (a, b, width), plot in zip(windows, asyncio.run(in_fresh_storage(plots)), strict=True):
        window = whole[min(a, b) : max(a, b) + 1]
        assert plot.value.min() == window.min()
        assert plot.value.max() == window.max()
        assert (plot.step[0], plot.step[-1]) == (min(a, b), max(a, b))
        assert len(plot.step) <= 4 * width
        assert bool((plot.value == whole[plot.step]).all())


@pytest.mark.anyio
async def test_a_deleted_run_leaves_nothing(series: Series) -> None:
    _ = await append(series, "r", a_batch(1, 20_000))
    _ = await series.append_log("r", [(1, "info", "a")])
    await series.finish("r")
    _ = await append(series, "r", a_batch(20_001, 10))
    _ = await append(series, "kept", a_batch(1, 3))

    await series.delete("r")
    await series.delete("r")

    assert await series.info(["r"]) == {}
    assert await series.read("r", ["loss"]) == []
    assert await series.read_log("r") == []
    totals = await series.totals()
    assert (totals["n_points"], totals["n_runs"]) == (3, 1)


@pytest.mark.anyio
async def test_log_lines_are_numbered_found_and_tailed(series: Series) -> None:
    lasts = [
        await series.append_log("r", [(i, "info", f"Line {i}") for i in range(start, start + 10)])
        for start in range(0, 50, 10)
    ]

    middle = await series.read_log("r", after=17, limit=3)
    tail = await series.read_log("r", after=-1, limit=3)
    found = await series.read_log("r", text="line 4")
    then = await series.read_log("r", after=12, text="line", between_ms=(11, 14))

    assert lasts == [Logged(last, 10) for last in (10, 20, 30, 40, 50)]
    assert [line.seq for line in middle] == [18, 19, 20]
    assert [line.seq for line in then] == [13, 14, 15]
    assert [line.message for line in tail] == ["Line 47", "Line 48", "Line 49"]
    assert [line.message for line in found] == ["Line 4", *(f"Line {i}" for i in range(40, 50))]


@pytest.mark.anyio
async def test_lines_of_a_writer_that_come_again_are_stored_once(series: Series) -> None:
    lines = [(i, "info", f"line {i}") for i in range(1, 6)]

    first = await series.append_log("r", lines[:3], "w", [2, 5, 6])
    again = await series.append_log("r", lines[:3], "w", [2, 5, 6])
    overlapping = await series.append_log("r", lines[1:], "w", [5, 6, 9, 10])
    other = await series.append_log("r", lines[:1], "other", [2])
    _ = await append(series, "r", a_batch(1, 3, writer="w"))

    assert (first, again) == (Logged(3, 3), Logged(3, 0))
    assert (overlapping, other) == (Logged(5, 2), Logged(6, 1))
    assert [line.message for line in await series.read_log("r")] == [
        *(f"line {i}" for i in range(1, 6)),
        "line 1",
    ]
    (loss,) = (await series.info(["r"]))["r"]
    assert loss.n_points == 3


@pytest.mark.anyio
async def test_no_lines_are_no_change(series: Series) -> None:
    assert await series.append_log("r", []) == Logged(0, 0)
    assert await series.append_log("r", [(1, "info", "a")]) == Logged(1, 1)
    assert await series.append_log("r", []) == Logged(1, 0)
    assert await series.append_log("r", [(2, "info", "b")]) == Logged(2, 1)


@pytest.mark.anyio
async def test_a_line_keeps_its_time_level_and_text(series: Series) -> None:
    line = (1_700_000_000_123, "error", "Traceback: \u00e4\n\t\x00 \U0001f642")

    _ = await series.append_log("r", [line])

    assert await series.read_log("r") == [LogLine(1, *line)]


@pytest.mark.anyio
async def test_a_run_that_never_logged_has_nothing(series: Series) -> None:
    assert await series.read("r", ["loss"]) == []
    assert await series.info(["r"]) == {}
    assert await series.since("r", 0) == []
    assert await series.cursor("r") == 0
    assert await series.read_log("r", after=-1) == []
    await series.finish("r")
    await series.delete("r")


@pytest.mark.anyio
@pytest.mark.parametrize("packed", [False, True])
async def test_a_window_with_few_points_a_pixel_is_exact(packed: bool, series: Series) -> None:  # noqa: FBT001
    _ = await append(series, "r", a_batch(1, 100_000))
    if packed:
        await series.finish("r")

    (near,) = await series.read("r", ["loss"], 5_000, 5_199, 100)
    (across,) = await series.read("r", ["loss"], 8_100, 8_299, 100)
    (outside,) = await series.read("r", ["loss"], 200_000, None, 100)
    (far,) = await series.read("r", ["loss"], 5_000, 5_200, 100)

    assert (near.step.tolist(), near.is_exact) == (list(range(5_000, 5_200)), True)
    assert (across.step.tolist(), across.is_exact) == (list(range(8_100, 8_300)), True)
    assert (outside.step.tolist(), outside.is_exact) == ([], True)
    assert not far.is_exact
    assert (far.step[0], far.step[-1]) == (5_000, 5_200)


@pytest.mark.anyio
async def test_what_is_not_packed_yet_is_drawn_with_the_rest(series: Series) -> None:
    _ = await append(series, "r", a_batch(1, 200_000))
    await series.finish("r")
    spike = a_batch(200_001, 2, steps=np.array([200_001, 50]), values=np.array([[7.0, -7.0]]))
    _ = await append(series, "r", spike)

    (loss,) = await series.read("r", ["loss"], width=500)

    assert (loss.value.min(), loss.value.max()) == (-7.0, 7.0)
    assert (loss.step[0], loss.step[-1]) == (1, 200_001)
    assert len(loss.step) <= 4 * 500
    assert bool((np.diff(loss.step) >= 0).all())


@pytest.mark.anyio
async def test_a_run_is_read_while_it_logs_and_is_packed(series: Series) -> None:
    async def log() -> None:
        for first in range(1, 30_001, 500):
            _ = await append(series, "r", a_batch(first, 500))

    async def pack() -> None:
        for _ in range(10):
            await series.finish("r")

    async def look() -> None:
        seen = 0
        while seen < 30_000:
            for loss in await series.read("r", ["loss"]):
                # Never a point missing in the middle, never one twice.
                assert loss.step.tolist() == list(range(1, len(loss.step) + 1))
                assert len(loss.step) >= seen
                seen = len(loss.step)

    async with asyncio.timeout(60):
        _ = await asyncio.gather(log(), pack(), look())
