"""Points of one series as columns: joined, put in order of steps, cut to windows."""

from collections.abc import Iterable
from collections.abc import Set as AbstractSet
from typing import Final

import msgspec
import numpy as np
from numpy.typing import NDArray

from axonml.columns import Block

_Index = NDArray[np.intp] | NDArray[np.bool_] | slice


class Points(msgspec.Struct, frozen=True, eq=False):
    """Points of one series, columns of shape (n,)."""

    step: NDArray[np.int64]
    value: NDArray[np.float64]
    wall_ms: NDArray[np.int64]

    def __len__(self) -> int:
        """Return n."""
        return len(self.step)

    def at(self, index: _Index) -> "Points":
        """Return the points that `index` selects."""
        return Points(self.step[index], self.value[index], self.wall_ms[index])

    def sorted(self) -> "Points":
        """Return the points by rising step; those of one step stay as they came."""
        return self if _rises(self.step) else self.at(np.argsort(self.step, kind="stable"))

    def within(self, first: int | None, last: int | None) -> "Points":
        """Return the points of the closed window of steps; they must be sorted."""
        start = 0 if first is None else int(np.searchsorted(self.step, first, "left"))
        end = len(self) if last is None else int(np.searchsorted(self.step, last, "right"))
        return self if start == 0 and end == len(self) else self.at(slice(start, end))


NONE: Final = Points(np.empty(0, np.int64), np.empty(0, np.float64), np.empty(0, np.int64))


def joined(pieces: Iterable[Points]) -> Points:
    """Return the points of all pieces, one after the other."""
    parts = [piece for piece in pieces if len(piece)]
    if len(parts) < 2:
        return parts[0] if parts else NONE
    return Points(
        np.concatenate([p.step for p in parts]),
        np.concatenate([p.value for p in parts]),
        np.concatenate([p.wall_ms for p in parts]),
    )


def by_name(blocks: Iterable[Block], names: AbstractSet[str] | None = None) -> dict[str, Points]:
    """Return what `blocks` hold of each name, sorted by step, those of one step as they came.

    Args:
        blocks: in the order of their arrival.
        names: the names that are wanted; None: all.
    """
    alike: dict[tuple[str, ...], list[tuple[int, Block]]] = {}
    for arrival, block in enumerate(blocks):
        if len(block.step):
            alike.setdefault(block.names, []).append((arrival, block))
    found: dict[str, list[tuple[NDArray[np.intp], Points]]] = {}
    # Work a block, not a name: a run may log 10,000 names in each of many batches.
    for group, arrived in alike.items():
        rows = [i for i, name in enumerate(group) if names is None or name in names]
        if not rows:
            continue
        arrival = np.repeat([at for at, _ in arrived], [len(block.step) for _, block in arrived])
        step = np.concatenate([block.step for _, block in arrived])
        wall_ms = np.concatenate([block.wall_ms for _, block in arrived])
        is_whole = len(rows) == len(group)
        values = np.concatenate(
            [block.values if is_whole else block.values[rows] for _, block in arrived], axis=1
        )
        if not _rises(step):
            order = np.argsort(step, kind="stable")
            arrival, step, wall_ms = arrival[order], step[order], wall_ms[order]
            values = values[:, order]
        for row, i in enumerate(rows):
            found.setdefault(group[i], []).append((arrival, Points(step, values[row], wall_ms)))
    return {name: _in_order(pieces) for name, pieces in found.items()}


def _in_order(pieces: list[tuple[NDArray[np.intp], Points]]) -> Points:
    """Return pieces of several kinds of block as one, by step, then by arrival."""
    points = joined(piece for _, piece in pieces)
    if len(pieces) == 1:
        return points
    return points.at(np.lexsort((np.concatenate([arrival for arrival, _ in pieces]), points.step)))


def _rises(step: NDArray[np.int64]) -> bool:
    return bool((step[1:] >= step[:-1]).all())
