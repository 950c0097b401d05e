"""Groups of runs that share a value, with mean and spread of their metrics."""

import asyncio
import math
from collections.abc import Sequence
from typing import Final

import msgspec
import numpy as np
from numpy.typing import NDArray

from axonml.errors import BadRequest, Invalid
from axonml.http.caller import Caller
from axonml.storage.protocols import Row
from axonml.training.filter import Key, parse_key
from axonml.training.listing import Listing, Wanted
from axonml.training.searchable import word_of
from axonml.training.types import RunStatus

MAX_METRICS: Final = 20
_FEW: Final = 2


class Spread(msgspec.Struct, frozen=True):
    """A metric over the runs of a group: of `n` that have it; `std` of the sample (n - 1)."""

    n: int
    mean: float | None
    std: float | None
    min: float | None
    max: float | None


class RunGroup(msgspec.Struct, frozen=True):
    """The runs that share `value` under the key; None: those that have no such value."""

    key: str
    value: float | str | None
    n_runs: int
    by_status: dict[RunStatus, int]
    metrics: dict[str, Spread]


class GroupPage(msgspec.Struct, frozen=True):
    """A page of groups; `next_cursor` is None on the last, `total` counts those of all pages."""

    items: list[RunGroup]
    next_cursor: str | None
    total: int


class Table(msgspec.Struct, frozen=True, eq=False):
    """n runs as columns: newest first, `group` numbers the groups in the order they come.

    `values` has shape (k, n): NaN where a run has no such metric.
    """

    keys: list[tuple[str, float | str | None]]
    group: NDArray[np.intp]
    status: list[str]
    values: NDArray[np.float64]


async def group_runs(  # one argument for each query parameter
    listing: Listing,
    caller: Caller,
    wanted: Wanted,
    by: str,
    metrics: Sequence[str],
    sort: str,
) -> list[RunGroup]:
    """Return every group, sorted.

    `sort` is `n_runs`, a metric (by its mean), or the key itself; a minus turns it round. Without
    one, or with a key that a group has not, the group with the newest run is first.
    """
    if len(metrics) > MAX_METRICS:
        raise Invalid(f"at most {MAX_METRICS} metrics at once")
    key, wished = parse_key(by), sort.removeprefix("-")
    sorting = parse_key(wished) if wished not in {"", "n_runs", "key"} else None
    names = list(metrics)
    if sorting is not None and sorting.space == "metrics":
        names.append(wished.removeprefix("metrics."))
    asked = [parse_key(f"metrics.{name}") for name in names]
    table = await _table(listing, caller, wanted, key, asked)
    groups = await asyncio.to_thread(_groups, table, names)
    if wished == "n_runs":
        groups.sort(key=lambda group: group.n_runs, reverse=sort.startswith("-"))
    elif wished == "key" or sorting == key:
        groups = _by_value(groups, is_descending=sort.startswith("-"))
    elif len(names) > len(metrics):
        groups = _by_mean(groups, names[-1], is_descending=sort.startswith("-"))
    shown = set(metrics)
    return [
        msgspec.structs.replace(
            group, metrics={name: group.metrics[name] for name in metrics if name in shown}
        )
        for group in groups
    ]


def page_of(groups: Sequence[RunGroup], cursor: str | None, limit: int) -> GroupPage:
    """Return the groups from the number that `cursor` is."""
    try:
        start = int(cursor or 0)
    except ValueError:
        start = -1
    if not 0 <= start < 1 << 53:
        raise BadRequest("the cursor is not one that this server gave", code="bad_cursor")
    end = start + limit
    more = str(end) if end < len(groups) else None
    return GroupPage(list(groups[start:end]), more, len(groups))


async def _table(
    listing: Listing, caller: Caller, wanted: Wanted, key: Key, metrics: Sequence[Key]
) -> Table:
    conditions = await listing.conditions(caller, wanted, [key, *metrics])
    value = conditions.expression(key)
    columns = [conditions.expression(metric).number for metric in metrics]
    select = f"SELECT {', '.join(('r.status', value.number, value.word, *columns))}"
    rows = await listing.scan(conditions, select, "ORDER BY r.id DESC")
    return await asyncio.to_thread(_columns, rows, len(metrics))


def _columns(rows: list[Row], n_metrics: int) -> Table:
    numbers: dict[tuple[str, float | str | None], int] = {}
    group = np.empty(len(rows), np.intp)
    for i, (_, number, word, *_) in enumerate(rows):
        group[i] = numbers.setdefault(_key_of(number, word), len(numbers))
    values = np.array([row[3:] for row in rows], np.float64).reshape(len(rows), n_metrics).T
    return Table(list(numbers), group, [str(row[0]) for row in rows], values)


def _key_of(number: float | None, word: str | None) -> tuple[str, float | str | None]:
    if word is not None:
        return word, word if number is None else number
    return ("", None) if number is None else (word_of(number), number)


def _groups(table: Table, names: Sequence[str]) -> list[RunGroup]:
    order = np.argsort(table.group, kind="stable")
    ends = np.cumsum(np.bincount(table.group, minlength=len(table.keys)))
    found: list[RunGroup] = []
    start = 0
    for (key, value), end in zip(table.keys, ends.tolist(), strict=True):
        members = order[start:end]
        by_status: dict[RunStatus, int] = {}
        for i in members.tolist():
            status = RunStatus(table.status[i])
            by_status[status] = by_status.get(status, 0) + 1
        spreads = {name: _spread(table.values[row, members]) for row, name in enumerate(names)}
        found.append(RunGroup(key, value, end - start, by_status, spreads))
        start = end
    return found


def _spread(values: NDArray[np.float64]) -> Spread:
    there = values[np.isfinite(values)]
    if not len(there):
        return Spread(0, None, None, None, None)
    with np.errstate(over="ignore", invalid="ignore"):
        mean = float(there.mean())
        std = float(there.std(ddof=1)) if len(there) >= _FEW else math.nan
    return Spread(
        len(there),
        mean if math.isfinite(mean) else None,
        std if math.isfinite(std) else None,
        float(there.min()),
        float(there.max()),
    )


def _by_value(groups: list[RunGroup], *, is_descending: bool) -> list[RunGroup]:
    numbers = [group for group in groups if isinstance(group.value, float | int)]
    words = [group for group in groups if isinstance(group.value, str)]
    missing = [group for group in groups if group.value is None]
    numbers.sort(key=lambda group: float(group.value or 0), reverse=is_descending)
    words.sort(key=lambda group: str(group.value), reverse=is_descending)
    return [*numbers, *words, *missing]


def _by_mean(groups: list[RunGroup], name: str, *, is_descending: bool) -> list[RunGroup]:
    known = [(mean, g) for g in groups if (mean := g.metrics[name].mean) is not None]
    known.sort(key=lambda pair: pair[0], reverse=is_descending)
    return [*(g for _, g in known), *(g for g in groups if g.metrics[name].mean is None)]
