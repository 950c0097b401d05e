"""Records to packed columns: what was logged row by row travels and is stored by column."""

from collections.abc import Sequence
from itertools import chain
from typing import Final

import numpy as np

from axonml.client.frames import Record
from axonml.columns import Block, MetricBatch

# Far below what the server takes at once, and packed in a few milliseconds.
MAX_RECORDS: Final = 5_000
_MAX_NAMES: Final = 10_000


def batch_of(writer: str, records: Sequence[Record]) -> MetricBatch:
    """Return the batch of `records`, which follow each other; lines of text are left out of it.

    Records of the same names share a block. Where two sets of names have a name in common, only
    consecutive records do: within a series, the order of logging is kept.
    """
    points = [record for record in records if not record.is_text]
    groups = _by_names(points)
    if not _are_disjoint(tuple(groups)):
        blocks = [_block(run) for run in _runs(points)]
    else:
        blocks = [_block(group) for group in groups.values()]
    blocks = [part for block in blocks for part in _narrow(block)]
    return MetricBatch(writer, records[0].seq, records[-1].seq, tuple(blocks))


def _by_names(points: Sequence[Record]) -> dict[tuple[str, ...], list[Record]]:
    groups: dict[tuple[str, ...], list[Record]] = {}
    for record in points:
        groups.setdefault(tuple(record.values), []).append(record)
    return groups


def _are_disjoint(groups: Sequence[tuple[str, ...]]) -> bool:
    return len({name for names in groups for name in names}) == sum(map(len, groups))


def _runs(points: Sequence[Record]) -> list[list[Record]]:
    runs: list[list[Record]] = []
    names: tuple[str, ...] | None = None
    for record in points:
        if (own := tuple(record.values)) != names:
            names = own
            runs.append([])
        runs[-1].append(record)
    return runs


def _narrow(block: Block) -> list[Block]:
    """Return the block in parts of no more names than the server takes in one."""
    if len(block.names) <= _MAX_NAMES:
        return [block]
    return [
        Block(
            block.names[at : at + _MAX_NAMES],
            block.step,
            block.wall_ms,
            block.values[at : at + _MAX_NAMES],
        )
        for at in range(0, len(block.names), _MAX_NAMES)
    ]


def _block(records: Sequence[Record]) -> Block:
    names = tuple(records[0].values)
    k, n = len(names), len(records)
    rows = chain.from_iterable(record.values.values() for record in records)
    return Block(
        names,
        np.fromiter((record.step for record in records), np.int64, n),
        np.fromiter((record.wall_ms for record in records), np.int64, n),
        np.ascontiguousarray(np.fromiter(rows, np.float64, k * n).reshape(n, k).T),
    )
