"""Chunks of columns and their pyramid, as rows: windows read, new points merged in."""

from collections.abc import Iterable, Mapping
from itertools import accumulate, pairwise
from typing import Final

import msgspec
import numpy as np

from axonml.storage.codec import decode, encode
from axonml.storage.points import NONE, Points, joined
from axonml.storage.protocols import Row
from axonml.storage.pyramid import CHUNK, SPAN, TOP, level_for, levels
from axonml.storage.tables import Tables

# The last rows of level 0 are not full. One that has this many times the new points stays as it is
# and the new ones get a row of their own: each point is then packed a few times, not once for each
# batch of a run with thousands of names.
_GROWTH: Final = 4
_LOWEST: Final = -(1 << 63)
_HIGHEST: Final = (1 << 63) - 1


class Place(msgspec.Struct, frozen=True):
    """Where a row of level 0 stands: number `seq`, `n` points of steps `lo` to `hi`."""

    seq: int
    n: int
    lo: int
    hi: int


class Change(msgspec.Struct, frozen=True):
    """What a merge makes of a series: rows to write, in place of level 0 from `start` on."""

    series: int
    start: int
    rows: list[Row]


def read_window(
    tables: Tables,
    series: int,
    first: int | None,
    last: int | None,
    width: int | None,
) -> tuple[Points, bool]:
    """Return the packed points of the window, and whether they are all of them.

    With `width` a long window is read from the coarsest level that has at least 4 points a pixel;
    only the chunks that the window cuts, and those that are not full, come from level 0.
    """
    low, high = _LOWEST if first is None else first, _HIGHEST if last is None else last
    ((begin, end, n_points),) = tables.query(
        "SELECT min(seq), max(seq), sum(n) FROM chunk"
        " WHERE series = $1 AND level = 0 AND hi >= $2 AND lo <= $3",
        *(series, low, high),
    )
    if begin is None:
        return NONE, True
    level = level_for(n_points, width)
    whole = _whole(tables, series, low, high) if level else None
    if whole is None:
        points = joined(_raw(tables, series, begin, end)).within(first, last)
        return points, not _is_thinned(tables, series, begin, end)
    before = joined(_raw(tables, series, begin, whole[0] - 1)).within(first, last)
    kept = _coarse(tables, series, level, *whole)
    after = joined(_raw(tables, series, whole[1] + 1, end)).within(first, last)
    return joined([before, *kept, after]), False


def _whole(tables: Tables, series: int, low: int, high: int) -> tuple[int, int] | None:
    """Return the first and the last full chunk that lie within the window, if any does."""
    ((begin, end),) = tables.query(
        "SELECT min(seq), max(seq) FROM chunk"
        " WHERE series = $1 AND level = 0 AND n >= $2 AND lo >= $3 AND hi <= $4",
        *(series, CHUNK, low, high),
    )
    return None if begin is None else (int(begin), int(end))


def merged(tables: Tables, series: int, new: Points) -> Change:
    """Return what the series' rows become once `new` is among them.

    Points whose steps lie in full chunks are sorted into these; a point goes after those of its
    step that came before it. The pyramid is made anew where it covers a chunk that changed.

    Args:
        tables: reads only; encoding happens outside of any write transaction.
        series: the series' id.
        new: sorted points, at least one.
    """
    places, n_rows = _touched(tables, series, int(new.step[0]))
    full = [place for place in places if place.n >= CHUNK]
    loose = [place for place in places if place.n < CHUNK]
    # The full chunk whose steps reach beyond the point's, or none: the point goes behind them all.
    home = np.searchsorted([place.hi for place in full], new.step, "right")
    fresh: dict[int, Points] = {}
    n_logged: dict[int, int] = {}
    late = int(np.searchsorted(home, len(full)))
    changed: list[int] = np.unique(home[:late]).tolist()
    for i in changed:
        begin, end = int(np.searchsorted(home, i)), int(np.searchsorted(home, i + 1))
        there = _raw(tables, series, full[i].seq)
        points = joined([*there, new.at(slice(begin, end))]).sorted()
        if len(points) > 2 * CHUNK:  # no room left: cut everything from here on into chunks anew
            late, loose = begin, [*full[i:], *loose]
            break
        fresh[full[i].seq] = points
        if _is_thinned(tables, series, full[i].seq, full[i].seq):
            n_logged[full[i].seq] = full[i].n + end - begin
    start, pieces = _behind(tables, series, n_rows, loose, new.at(slice(late, None)))
    fresh |= {start + i: piece for i, piece in enumerate(pieces) if len(piece) >= CHUNK}
    rows = [
        *(_level0(series, seq, piece, n_logged.get(seq)) for seq, piece in fresh.items()),
        *(
            _row(series, 0, start + i, piece)
            for i, piece in enumerate(pieces)
            if len(piece) < CHUNK
        ),
        *_pyramid(tables, series, fresh),
    ]
    return Change(series, start, rows)


def store(tables: Tables, changes: Iterable[Change]) -> None:
    """Write what `merged` found, inside the caller's transaction."""
    changes = list(changes)
    tables.query_each(
        "DELETE FROM chunk WHERE series = $1 AND level = 0 AND seq >= $2",
        [(change.series, change.start) for change in changes],
    )
    tables.query_each(
        "INSERT INTO chunk (series, level, seq, n, lo, hi, parts, step, value, wall)"
        " VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)"
        " ON CONFLICT (series, level, seq) DO UPDATE SET n = excluded.n, lo = excluded.lo,"
        " hi = excluded.hi, parts = excluded.parts, step = excluded.step, value = excluded.value,"
        " wall = excluded.wall",
        [row for change in changes for row in change.rows],
    )


def _touched(tables: Tables, series: int, first: int) -> tuple[list[Place], int]:
    """Return the rows of level 0 that `first` or a later step may change, and how many there are.

    They are the last ones: rows are ordered by step, and only the last ones are not full.
    """
    ((n_rows,),) = tables.query(
        "SELECT max(seq) + 1 FROM chunk WHERE series = $1 AND level = 0", series
    )
    rows = tables.query(
        "SELECT seq, n, lo, hi FROM chunk"
        " WHERE series = $1 AND level = 0 AND (n < $2 OR hi > $3) ORDER BY seq",
        *(series, CHUNK, first),
    )
    return [Place(*row) for row in rows], n_rows or 0


def _behind(
    tables: Tables, series: int, n_rows: int, last: list[Place], new: Points
) -> tuple[int, list[Points]]:
    """Return the rows that `new` makes behind the full chunks, and the number of the first.

    Args:
        tables: reads only.
        series: the series' id.
        n_rows: how many rows level 0 has.
        last: the last of them, that may be joined with `new` to longer ones.
        new: sorted points, none before the first of `last`.
    """
    start, size = n_rows, len(new)
    if not size:
        return start, []
    first = int(new.step[0])
    for place in reversed(last):
        if place.hi <= first and place.n > _GROWTH * size:
            break
        start, size, first = place.seq, size + place.n, min(first, place.lo)
    points = joined([*_raw(tables, series, start, n_rows - 1), new]).sorted()
    return start, [points.at(slice(i, i + CHUNK)) for i in range(0, len(points), CHUNK)]


def _pyramid(tables: Tables, series: int, fresh: Mapping[int, Points]) -> list[Row]:
    """Return the rows of the levels above 0 once the `fresh` full chunks are in place."""
    kept = {seq: levels(points) for seq, points in fresh.items()}
    rows: list[Row] = []
    for level in range(1, TOP + 1):
        for seq in sorted({chunk // SPAN[level] for chunk in fresh}):
            base = seq * SPAN[level]
            parts = dict(enumerate(_parts(tables, series, level, seq), base))
            parts |= {
                chunk: kept[chunk][level - 1] for chunk in fresh if chunk // SPAN[level] == seq
            }
            sizes = np.array([len(parts[chunk]) for chunk in sorted(parts)], "<u2")
            points = joined(parts[chunk] for chunk in sorted(parts))
            rows.append(_row(series, level, seq, points, sizes.tobytes()))
    return rows


def _parts(tables: Tables, series: int, level: int, seq: int) -> list[Points]:
    """Return what a row of the pyramid keeps of each of its chunks."""
    rows = tables.query(
        "SELECT parts, step, value, wall FROM chunk WHERE series = $1 AND level = $2 AND seq = $3",
        *(series, level, seq),
    )
    if not rows:
        return []
    parts, *columns = rows[0]
    points, ends = _points(*columns), _ends(parts)
    return [points.at(slice(begin, end)) for begin, end in pairwise(ends)]


def _coarse(tables: Tables, series: int, level: int, begin: int, end: int) -> list[Points]:
    """Return what `level` keeps of the full chunks `begin` to `end`."""
    span = SPAN[level]
    rows = tables.query(
        "SELECT seq, parts, step, value, wall FROM chunk"
        " WHERE series = $1 AND level = $2 AND seq BETWEEN $3 AND $4 ORDER BY seq",
        *(series, level, begin // span, end // span),
    )
    kept: list[Points] = []
    for seq, parts, *columns in rows:
        ends, base = _ends(parts), int(seq) * span
        left, right = max(begin - base, 0), min(end + 1 - base, len(ends) - 1)
        kept.append(_points(*columns).at(slice(ends[left], ends[right])))
    return kept


def _raw(tables: Tables, series: int, begin: int, end: int | None = None) -> list[Points]:
    """Return the points of the rows `begin` to `end` of level 0."""
    rows = tables.query(
        "SELECT seq, step, value, wall FROM chunk"
        " WHERE series = $1 AND level = 0 AND seq BETWEEN $2 AND $3 ORDER BY seq",
        *(series, begin, begin if end is None else end),
    )
    # A thinned row has no points of its own: level 1 has what is left of them.
    return [
        _points(*columns) if columns[0] else joined(_coarse(tables, series, 1, seq, seq))
        for seq, *columns in rows
    ]


def thin(tables: Tables, run: str, limit: int) -> int:
    """Empty at most `limit` full rows of level 0 of the run; return how many were.

    They keep their place, `n` and an empty `parts` as the mark; level 1 keeps every extreme.
    """
    thinned = tables.query(
        "UPDATE chunk SET step = $1, value = $1, wall = $1, parts = $1"
        " WHERE level = 0 AND (series, seq) IN ("
        " SELECT c.series, c.seq FROM series s JOIN chunk c ON c.series = s.id AND c.level = 0"
        " WHERE s.run = $2 AND c.n >= $3 AND c.parts IS NULL LIMIT $4) RETURNING seq",
        *(b"", run, CHUNK, limit),
    )
    return len(thinned)


def _is_thinned(tables: Tables, series: int, begin: int, end: int) -> bool:
    return bool(
        tables.query(
            "SELECT 1 FROM chunk WHERE series = $1 AND level = 0 AND seq BETWEEN $2 AND $3"
            " AND parts IS NOT NULL LIMIT 1",
            *(series, begin, end),
        )
    )


def _points(step: bytes, value: bytes, wall_ms: bytes) -> Points:
    return Points(decode(step, np.int64), decode(value, np.float64), decode(wall_ms, np.int64))


def _ends(parts: bytes) -> list[int]:
    """Return where each part begins, and where the last one ends."""
    sizes: list[int] = np.frombuffer(parts, "<u2").tolist()
    return [0, *accumulate(sizes)]


def _level0(series: int, seq: int, points: Points, n_logged: int | None) -> Row:
    """Return a row of level 0; with `n_logged` one that keeps only some of so many points."""
    if n_logged is None:
        return _row(series, 0, seq, points)
    row = _row(series, 0, seq, points, b"")
    return (*row[:3], n_logged, *row[4:])


def _row(series: int, level: int, seq: int, points: Points, parts: bytes | None = None) -> Row:
    columns = (encode(points.step), encode(points.value), encode(points.wall_ms))
    low, high = int(points.step.min()), int(points.step.max())
    return (series, level, seq, len(points), low, high, parts, *columns)
