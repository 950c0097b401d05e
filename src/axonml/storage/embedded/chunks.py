"""Chunks of columns and their pyramid: written when loose batches are packed, read by windows."""

from collections.abc import Iterable, Iterator
from typing import Final

import apsw
import msgspec
import numpy as np
from numpy.typing import NDArray

from axonml.storage.codec import decode, encode
from axonml.storage.embedded.database import query
from axonml.storage.pyramid import CHUNK, FAN, coarser


class Points(msgspec.Struct, frozen=True, eq=False):
    """Points of one series, columns of shape (n,)."""

    step: NDArray[np.int64]
    value: NDArray[np.float64]
    wall_ms: NDArray[np.int64]

    def __len__(self) -> int:
        """Return n."""
        return len(self.step)

    def at(self, index: NDArray[np.intp] | NDArray[np.bool_] | slice) -> "Points":
        """Return the points that `index` selects."""
        return Points(self.step[index], self.value[index], self.wall_ms[index])

    def sorted(self) -> "Points":
        """Return the points by rising step; those of one step stay as they came."""
        if len(self) < 2 or bool((self.step[1:] >= self.step[:-1]).all()):  # noqa: PLR2004
            return self
        return self.at(np.argsort(self.step, kind="stable"))

    def within(self, first: int | None, last: int | None) -> "Points":
        """Return the points of the closed window of steps; they must be sorted."""
        start = 0 if first is None else int(np.searchsorted(self.step, first, "left"))
        end = len(self) if last is None else int(np.searchsorted(self.step, last, "right"))
        return self if start == 0 and end == len(self) else self.at(slice(start, end))


def joined(pieces: Iterable[Points]) -> Points:
    """Return the points of all pieces, one after the other."""
    parts = list(pieces)
    if len(parts) == 1:
        return parts[0]
    if not parts:
        return Points(np.empty(0, np.int64), np.empty(0, np.float64), np.empty(0, np.int64))
    return Points(
        np.concatenate([p.step for p in parts]),
        np.concatenate([p.value for p in parts]),
        np.concatenate([p.wall_ms for p in parts]),
    )


class Chunk(msgspec.Struct, frozen=True):
    """Where a chunk stands: `seq` within its level, `n` points of steps `lo` to `hi`."""

    level: int
    seq: int
    n: int
    lo: int
    hi: int


class EncodedChunk(msgspec.Struct, frozen=True):
    """A chunk with its columns as bytes, ready to be stored."""

    place: Chunk
    step: bytes
    value: bytes
    wall: bytes


_SELECT: Final = "SELECT step, value, wall FROM chunk WHERE series = $1 AND level = $2 AND seq = $3"


def raw_chunks(connection: apsw.Connection, series: int) -> list[Chunk]:
    """Return the places of the series' level 0, in order; reads no points."""
    rows = query(
        connection,
        "SELECT level, seq, n, lo, hi FROM chunk WHERE series = $1 AND level = 0 ORDER BY seq",
        series,
    )
    return [Chunk(*row) for row in rows]


def read_chunk(connection: apsw.Connection, series: int, level: int, seq: int) -> Points:
    """Return the points of one chunk."""
    ((step, value, wall),) = query(connection, _SELECT, series, level, seq)
    return Points(decode(step, np.int64), decode(value, np.float64), decode(wall, np.int64))


def read_window(  # the window, and what of it is wanted
    connection: apsw.Connection,
    series: int,
    first: int | None,
    last: int | None,
    width: int | None,
) -> tuple[Points, bool]:
    """Return the packed points of the window, and whether they are all of them.

    With `width` a long window is read from the coarsest level that has at least 4 points a pixel;
    chunks that the window cuts come from the levels below.
    """
    chunks = [
        c
        for c in raw_chunks(connection, series)
        if (last is None or c.lo <= last) and (first is None or c.hi >= first)
    ]
    n_points = sum(c.n for c in chunks)
    level = 0
    while width is not None and n_points // FAN ** (level + 1) >= 4 * width:
        level += 1
    pieces = [
        read_chunk(connection, series, piece_level, seq).within(first, last)
        for piece_level, seq in _cover(chunks, level, first, last)
    ]
    return joined(pieces), level == 0


def _cover(
    chunks: list[Chunk], level: int, first: int | None, last: int | None
) -> Iterator[tuple[int, int]]:
    """Yield the (level, seq) whose chunks hold the window, none coarser than `level`."""
    whole = {
        c.seq
        for c in chunks
        if c.n == CHUNK and (first is None or c.lo >= first) and (last is None or c.hi <= last)
    }
    at = 0
    while at < len(chunks):
        seq = chunks[at].seq
        for coarse in range(level, -1, -1):
            size = _children(coarse)
            if coarse == 0:
                yield 0, seq
                at += 1
            elif seq % size == 0 and all(seq + i in whole for i in range(size)):
                yield coarse, seq // size
                at += size
                break


def _children(level: int) -> int:
    """Return how many chunks of level 0 one chunk of `level` stands for."""
    return 1 if level == 0 else FAN ** (level - 1)


def merged(connection: apsw.Connection, series: int, new: Points) -> tuple[int, list[EncodedChunk]]:
    """Return the chunks of the series once `new` is among them, from the first one that changes.

    Args:
        connection: reads only; encoding happens outside of any write transaction.
        series: the series' id.
        new: sorted points; their steps may lie before what is packed already.

    Returns:
        The `seq` from which level 0 is replaced, and every chunk of every level to be stored.
    """
    old = raw_chunks(connection, series)
    start = len(old)
    while start > 0 and (old[start - 1].hi > int(new.step[0]) or old[start - 1].n < CHUNK):
        start -= 1
    kept = [read_chunk(connection, series, 0, c.seq) for c in old[start:]]
    points = joined([*kept, new]).sorted()
    pieces = [points.at(slice(i, i + CHUNK)) for i in range(0, len(points), CHUNK)]
    chunks = [_encoded(0, start + i, piece) for i, piece in enumerate(pieces)]
    level, fresh = 1, {start + i: piece for i, piece in enumerate(pieces) if len(piece) == CHUNK}
    while fresh:
        fresh = _next_level(connection, series, level, fresh)
        chunks += [_encoded(level, seq, piece) for seq, piece in fresh.items()]
        level += 1
    return start, chunks


def _next_level(
    connection: apsw.Connection, series: int, level: int, fresh: dict[int, Points]
) -> dict[int, Points]:
    """Return the chunks of `level` that the `fresh` ones of the level below complete."""
    if level == 1:
        return {seq: piece.at(coarser(piece.value)) for seq, piece in fresh.items()}
    last = max(fresh)
    built: dict[int, Points] = {}
    for parent in sorted({seq // FAN for seq in fresh}):
        children = range(parent * FAN, (parent + 1) * FAN)
        if children[-1] > last:
            continue
        below = joined(
            fresh[seq] if seq in fresh else read_chunk(connection, series, level - 1, seq)
            for seq in children
        )
        built[parent] = below.at(coarser(below.value))
    return built


def store(connection: apsw.Connection, series: int, start: int, chunks: list[EncodedChunk]) -> None:
    """Replace the series' chunks from level 0's `start` on, in every level."""
    top = max((c.place.level for c in chunks), default=0)
    for level in range(top + 2):
        _ = connection.execute(
            "DELETE FROM chunk WHERE series = $1 AND level = $2 AND seq >= $3",
            (series, level, start // _children(level)),
        )
    _ = connection.executemany(
        "INSERT INTO chunk (series, level, seq, n, lo, hi, step, value, wall)"
        " VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
        [
            (series, p.level, p.seq, p.n, p.lo, p.hi, c.step, c.value, c.wall)
            for c in chunks
            for p in [c.place]
        ],
    )


def _encoded(level: int, seq: int, points: Points) -> EncodedChunk:
    place = Chunk(level, seq, len(points), int(points.step[0]), int(points.step[-1]))
    return EncodedChunk(place, encode(points.step), encode(points.value), encode(points.wall_ms))
