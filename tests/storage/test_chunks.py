"""Merged in any order and read by any window, a series is the sorted whole of its points."""

import tempfile
from itertools import pairwise
from pathlib import Path
from typing import Final
from unittest.mock import patch

import numpy as np
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
)
from numpy.typing import NDArray

from axonml.storage import chunks
from axonml.storage.chunks import merged, read_window, store
from axonml.storage.embedded.database import open_file
from axonml.storage.embedded.series import SqliteTables
from axonml.storage.points import NONE, Points, joined
from axonml.storage.pyramid import SPAN, TOP, levels

SERIES: Final = 1
# Small chunks, so that a few thousand points make many of them and a pyramid of three levels.
CHUNK: Final = 128


class Merging(RuleBasedStateMachine):
    """Points arrive in any order; each has its arrival as wall time, hence can be told apart."""

    def __init__(self) -> None:
        super().__init__()
        self.folder: Final = tempfile.TemporaryDirectory()
        self.patch: Final = patch.object(chunks, "CHUNK", CHUNK)
        _ = self.patch.start()
        path = Path(self.folder.name) / "metrics.db"
        self.connection: Final = open_file(path, "metrics", "relaxed")
        self.tables: Final = SqliteTables(self.connection)
        self.whole = NONE
        self.random = np.random.default_rng(0)

    def teardown(self) -> None:
        self.connection.close()
        _ = self.patch.stop()
        self.folder.cleanup()

    @initialize(seed=st.integers(0, 2**32))
    def draw(self, seed: int) -> None:
        self.random = np.random.default_rng(seed)

    @rule(
        start=st.integers(-3000, 3000),
        n=st.sampled_from([1, 5, 100, CHUNK, 3 * CHUNK, 30 * CHUNK]),
        stride=st.integers(0, 3),
        shown=st.sampled_from(["numbers", "nan", "infinities"]),
    )
    def merge(self, start: int, n: int, stride: int, shown: str) -> None:
        """Merge points at any place: behind the others, among them, before them, on one step."""
        self._merge(start + stride * np.arange(n), shown)

    @rule(n=st.sampled_from([1, 20, 5 * CHUNK]))
    def append(self, n: int) -> None:
        """Merge points behind all others, as a run does that goes forward."""
        last = int(self.whole.step[-1]) if len(self.whole) else 0
        self._merge(last + 1 + np.arange(n), "numbers")

    def _merge(self, step: NDArray[np.int64], shown: str) -> None:
        value = self.random.normal(size=len(step))
        if shown != "numbers":
            special = {"nan": [np.nan], "infinities": [np.inf, -np.inf]}[shown]
            value[self.random.random(len(step)) < 0.3] = self.random.choice(special)
        new = Points(step, value, len(self.whole) + np.arange(len(step)))
        with self.connection:
            store(self.tables, [merged(self.tables, SERIES, new)])
        self.whole = joined([self.whole, new]).sorted()

    @rule(
        ends=st.tuples(st.integers(-4000, 9000), st.integers(-4000, 9000)),
        width=st.sampled_from([1, 2, 10, 50]),
    )
    @precondition(lambda self: len(self.whole) > 0)
    def draw_window(self, ends: tuple[int, int], width: int) -> None:
        """Read a window for a plot: fewer points, the same extremes, no other points."""
        first, last = min(ends), max(ends)
        window = self.whole.within(first, last)
        kept, is_exact = read_window(self.tables, SERIES, first, last, width)

        # Each is a point of the window, none comes twice.
        where = {wall: i for i, wall in enumerate(window.wall_ms.tolist())}
        index = [where[wall] for wall in kept.wall_ms.tolist()]
        assert len(set(index)) == len(index)
        assert kept.step.tolist() == window.step[index].tolist()
        assert kept.value.tobytes() == window.value[index].tobytes()
        assert bool((np.diff(kept.step) >= 0).all())
        if is_exact:
            assert len(kept) == len(window)
        elif len(window):
            assert (kept.step[0], kept.step[-1]) == (window.step[0], window.step[-1])
            assert bool(np.isnan(kept.value).any()) == bool(np.isnan(window.value).any())
            assert np.nanmin(kept.value) == np.nanmin(window.value)
            assert np.nanmax(kept.value) == np.nanmax(window.value)

    @invariant()
    def all_points_are_there_in_order(self) -> None:
        points, is_exact = read_window(self.tables, SERIES, None, None, None)

        assert is_exact
        assert points.step.tolist() == self.whole.step.tolist()
        assert points.wall_ms.tolist() == self.whole.wall_ms.tolist()
        assert points.value.tobytes() == self.whole.value.tobytes()

    @invariant()
    def rows_are_ordered_and_only_the_last_ones_are_not_full(self) -> None:
        rows = self.tables.query("SELECT seq, n, lo, hi FROM chunk WHERE level = 0 ORDER BY seq")

        assert [seq for seq, *_ in rows] == list(range(len(rows)))
        assert all(a[3] <= b[2] for a, b in pairwise(rows))
        is_full = [n >= CHUNK for _, n, _, _ in rows]
        assert is_full == sorted(is_full, reverse=True)
        assert all(n <= 2 * CHUNK for _, n, _, _ in rows)
        # A handful: each is at least so much longer than all behind it.
        assert is_full.count(False) <= 6

    @invariant()
    def the_pyramid_is_what_its_chunks_make_of_it(self) -> None:
        full = self.tables.query(
            "SELECT seq FROM chunk WHERE level = 0 AND n >= $1 ORDER BY seq",
            CHUNK,
        )
        kept = [levels(chunks._raw(self.tables, SERIES, seq)[0]) for (seq,) in full]
        for level in range(1, TOP + 1):
            numbers = self.tables.query(
                "SELECT seq FROM chunk WHERE level = $1 ORDER BY seq", level
            )
            assert [n for (n,) in numbers] == list(range(-(-len(full) // SPAN[level])))
            stored = [
                part
                for (seq,) in numbers
                for part in chunks._parts(self.tables, SERIES, level, seq)
            ]
            assert [part.wall_ms.tolist() for part in stored] == [
                each[level - 1].wall_ms.tolist() for each in kept
            ]


TestMerging = Merging.TestCase
TestMerging.settings = settings(max_examples=20, stateful_step_count=12, deadline=None)


def test_a_late_point_changes_the_chunk_it_falls_into_and_no_other(tmp_path: Path) -> None:
    connection = open_file(tmp_path / "metrics.db", "metrics", "relaxed")
    step = np.arange(10 * chunks.CHUNK)
    points = Points(step, np.sin(step), step)
    tables = SqliteTables(connection)
    store(tables, [merged(tables, SERIES, points)])

    change = merged(tables, SERIES, points.at(slice(20_000, 20_010)))

    connection.close()
    assert [(level, seq, n) for _, level, seq, n, *_ in change.rows if level == 0] == [
        (0, 20_000 // chunks.CHUNK, chunks.CHUNK + 10)
    ]
    assert sorted(level for _, level, *_ in change.rows) == [0, 1, 2, 3]
