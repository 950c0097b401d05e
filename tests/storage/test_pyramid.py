"""What is drawn from fewer points is what would be drawn from all."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from axonml.storage.points import Points
from axonml.storage.pyramid import CHUNK, FAN, GROUP, TOP, coarser, level_for, levels, m4

KINDS = (np.isnan, np.isposinf, np.isneginf)
values = st.lists(st.floats(width=64), min_size=1, max_size=400)


def a_line(drawn: list[float]) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    return np.arange(len(drawn)), np.array(drawn, np.float64)


@given(values, st.integers(1, 50))
def test_m4_never_loses_an_extreme(drawn: list[float], pixels: int) -> None:
    step, value = a_line(drawn)

    kept = value[m4(step, value, pixels)]

    for kind in KINDS:
        assert bool(kind(kept).any()) == bool(kind(value).any())
    finite, drawn_finite = value[np.isfinite(value)], kept[np.isfinite(kept)]
    if len(finite):
        assert (drawn_finite.min(), drawn_finite.max()) == (finite.min(), finite.max())


@given(values, st.integers(1, 50))
def test_m4_keeps_the_first_and_the_last_point_of_every_pixel(
    drawn: list[float], pixels: int
) -> None:
    step, value = a_line(drawn)

    kept = set(m4(step, value, pixels).tolist())

    pixel = step * pixels // len(step)
    for column in np.unique(pixel):
        (there,) = np.nonzero(pixel == column)
        assert {there[0], there[-1]} <= kept
        assert len(kept & set(there.tolist())) <= 4 + len(KINDS)


@given(st.lists(st.integers(-(2**53), 2**53), min_size=1, max_size=200), st.integers(1, 20))
def test_m4_takes_any_steps_in_order(drawn: list[int], pixels: int) -> None:
    step = np.sort(np.array(drawn, np.int64))

    index = m4(step, np.arange(len(step), dtype=np.float64), pixels)

    assert index.tolist() == sorted(set(index.tolist()))
    assert (index[0], index[-1]) == (0, len(step) - 1)
    assert len(index) <= 4 * pixels


def test_an_infinity_hides_neither_the_highest_value_of_its_pixel_nor_another_kind() -> None:
    value = np.array([1.0, np.inf, 7.0, np.inf, -np.inf, np.nan, -3.0, 2.0])

    kept = value[m4(np.arange(8), value, 1)]

    np.testing.assert_array_equal(kept, [1.0, np.inf, 7.0, -np.inf, np.nan, -3.0, 2.0])


def test_m4_of_nothing_is_nothing() -> None:
    assert m4(np.empty(0, np.int64), np.empty(0), 100).tolist() == []


@given(st.lists(st.floats(width=64), min_size=1, max_size=5 * GROUP))
def test_a_level_keeps_first_last_and_extremes_of_each_group_and_one_of_each_broken_kind(
    drawn: list[float],
) -> None:
    value = np.array(drawn, np.float64)

    kept = set(coarser(value).tolist())

    for begin in range(0, len(value), GROUP):
        group = value[begin : begin + GROUP]
        expected = {begin, begin + len(group) - 1}
        finite = np.where(np.isfinite(group), group, np.nan)
        if not np.isnan(finite).all():
            expected |= {begin + int(np.nanargmin(finite)), begin + int(np.nanargmax(finite))}
        expected |= {begin + int(kind(group).argmax()) for kind in KINDS if kind(group).any()}
        assert {at for at in kept if begin <= at < begin + GROUP} == expected


def test_every_level_of_a_chunk_has_a_sixteenth_of_the_one_below() -> None:
    value = np.random.default_rng(0).normal(size=CHUNK)
    chunk = Points(np.arange(CHUNK), value, np.arange(CHUNK))

    kept = levels(chunk)

    assert len(kept) == TOP
    for k, level in enumerate(kept, start=1):
        # Fewer where an extreme is also a group's first or last point.
        assert CHUNK // FAN**k // 2 < len(level) <= max(CHUNK // FAN**k, 4)
        assert (level.value.min(), level.value.max()) == (value.min(), value.max())
        assert bool((level.value == value[level.step]).all())


def test_the_level_read_has_at_least_four_points_a_pixel() -> None:
    assert level_for(10**6, None) == 0
    assert level_for(16 * 4 * 1000 - 1, 1000) == 0
    assert level_for(16 * 4 * 1000, 1000) == 1
    assert level_for(10**9, 1000) == TOP
