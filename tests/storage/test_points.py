"""Columns of one series: order, windows, and what many batches hold of each name."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from axonml.columns import Block
from axonml.storage.points import Points, by_name, joined


def some_points(steps: list[int], first: int = 0) -> Points:
    """Points with their place of arrival as value."""
    arrival = np.arange(first, first + len(steps))
    return Points(np.array(steps, np.int64), arrival.astype(np.float64), arrival)


def test_points_of_one_step_stay_as_they_came() -> None:
    points = some_points([3, 1, 3, 1]).sorted()

    assert points.step.tolist() == [1, 1, 3, 3]
    assert points.value.tolist() == [1, 3, 0, 2]


def test_a_window_is_closed_at_both_ends() -> None:
    points = some_points([1, 2, 2, 3, 5])

    assert points.within(2, 3).step.tolist() == [2, 2, 3]
    assert points.within(None, 1).step.tolist() == [1]
    assert points.within(4, None).step.tolist() == [5]
    assert points.within(4, 4).step.tolist() == []
    assert points.within(None, None) is points


def test_nothing_joined_is_nothing() -> None:
    assert len(joined([])) == 0
    assert len(joined([some_points([]), some_points([])])) == 0


names = st.lists(st.sampled_from("abc"), min_size=1, max_size=3, unique=True).map(tuple)
blocks = st.lists(st.tuples(names, st.lists(st.integers(0, 9), max_size=5)), max_size=8)


@given(blocks, st.one_of(st.none(), st.sets(st.sampled_from("abcd"))))
def test_batches_give_each_name_its_points_by_step_then_arrival(
    drawn: list[tuple[tuple[str, ...], list[int]]], wanted: set[str] | None
) -> None:
    arrived: list[Block] = []
    expected: dict[str, list[tuple[int, float]]] = {}
    for i, (block_names, steps) in enumerate(drawn):
        rows = np.arange(len(steps), dtype=np.float64) + 100 * i
        step = np.array(steps, np.int64)
        arrived.append(Block(block_names, step, step, np.tile(rows, (len(block_names), 1))))
        for name in block_names if steps else ():
            if wanted is None or name in wanted:
                expected.setdefault(name, []).extend(zip(steps, rows.tolist(), strict=True))

    found = by_name(arrived, wanted)

    assert {
        name: list(zip(points.step.tolist(), points.value.tolist(), strict=True))
        for name, points in found.items()
    } == {name: sorted(rows, key=lambda row: row[0]) for name, rows in expected.items()}
