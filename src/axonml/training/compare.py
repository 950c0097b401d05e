"""Runs side by side: what they are, what they were given, and in what they differ."""

import asyncio
from collections.abc import Iterator, Sequence
from typing import Annotated, Any, Final, Literal

import msgspec
from litestar import Request, post
from litestar.handlers import BaseRouteHandler
from msgspec import Meta

from axonml.auth.permissions import check_read
from axonml.errors import Invalid, NotFound
from axonml.http.caller import READ, Caller, caller_of
from axonml.ids import RunId, UserId
from axonml.training.filter import parse_key
from axonml.training.listing import Cell, Entry, Listing, cell_of, wanted_of
from axonml.training.searchable import flat
from axonml.training.types import Number, Run, RunStatus
from axonml.training.weigher import Weigher

MAX_RUNS: Final = 100
MAX_KEYS: Final = 2000
_FIELDS: Final = ("project", "group", "model_type", "status", "duration", "user")

Call = Request[Any, Any, Any]
Space = Literal["config", "tags", "run", "launch"]


class Comparison(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """POST /api/training/runs/compare: `runs` by id, or the newest that match `filter`."""

    runs: Annotated[list[Annotated[str, Meta(max_length=64)]], Meta(max_length=MAX_RUNS)] = []
    filter: Annotated[str, Meta(max_length=4096)] = ""


class ComparedRun(msgspec.Struct, frozen=True, kw_only=True):
    """One column of a comparison."""

    id: RunId
    user_id: UserId
    name: str
    project: str
    status: RunStatus
    group: str
    tags: tuple[str, ...]
    started_ms: float
    is_final: bool


class ComparedKey(msgspec.Struct, frozen=True):
    """What each run has under one key, in the order of the runs; None where it has nothing.

    Values that are lists or objects are JSON text.
    """

    space: Space
    key: str
    differs: bool
    values: list[Cell]


class ComparedMetric(msgspec.Struct, frozen=True):
    """One metric in each run, in the order of the runs; None where a run never logged it.

    `value` is what lists show of it; `lowest` and `highest` are over finite values.
    """

    name: str
    value: list[Number | None]
    lowest: list[float | None]
    highest: list[float | None]
    last_step: list[int | None]


class RunComparison(msgspec.Struct, frozen=True):
    """Runs side by side. `missing` are ids of runs that are gone or that the caller may not see.

    `total` counts the runs that the filter matches; `n_keys` the keys there are, of which the
    first `MAX_KEYS` are told, those that differ before the others.
    """

    runs: list[ComparedRun]
    missing: list[str]
    total: int
    keys: list[ComparedKey]
    n_keys: int
    metrics: list[ComparedMetric]


class Compare:
    """Reads runs for comparisons; what the caller may not see is as if it were not there."""

    def __init__(self, listing: Listing) -> None:
        self._listing: Final = listing

    async def compare(self, caller: Caller, asked: Comparison) -> RunComparison:
        """Return the runs side by side, in the order asked for; by filter the newest first."""
        ids, total = list(dict.fromkeys(asked.runs)), len(asked.runs)
        if not ids:
            ids, total = await self.matching(caller, asked.filter, MAX_RUNS)
        entries = await self.entries(caller, ids)
        found = {entry.run.id for entry in entries}
        missing = [run_id for run_id in ids if run_id not in found]
        # A hundred large configurations take longer than the loop may wait.
        return await asyncio.to_thread(_compared, entries, missing, total)

    async def matching(self, caller: Caller, text: str, limit: int) -> tuple[list[str], int]:
        """Return the ids of the newest runs that match a filter, and how many do.

        Raises:
            Invalid: neither runs nor a filter were asked for.
        """
        if not text.strip():
            raise Invalid("say which runs: their ids in `runs`, or a `filter`")
        wanted = wanted_of(text, "", None, "", deleted=False)
        ids, _, total = await self._listing.ids(caller, wanted, "-created_at", None, limit)
        return ids, total

    async def entries(self, caller: Caller, ids: Sequence[str]) -> list[Entry]:
        """Return the runs among `ids` that the caller may read, in that order."""
        entries = await self._listing.entries(ids)
        return [entry for entry in entries if _is_readable(caller, entry.run)]


class CompareRoutes:
    """Comparisons of runs."""

    def __init__(self, compare: Compare, weigher: Weigher) -> None:
        self._compare: Final = compare
        self._weigher: Final = weigher

    async def compare_runs(self, request: Call, data: Comparison) -> RunComparison:
        """Compare up to 100 runs: their configurations, tags and metrics, and what differs."""
        compared = await self._compare.compare(caller_of(request), data)
        # What matters is asked next, and scikit-learn takes seconds to load.
        await self._weigher.warm()
        return compared

    def handlers(self) -> list[BaseRouteHandler]:
        """Return the route table."""
        path = "/api/training/runs/compare"
        return [post(path, opt=READ, status_code=200, tags=["training"])(self.compare_runs)]


def _is_readable(caller: Caller, run: Run) -> bool:
    try:
        check_read(caller, run, "run")
    except NotFound:
        return False
    return run.deleted_at is None


def _compared(entries: Sequence[Entry], missing: list[str], total: int) -> RunComparison:
    keys = _keys(entries)
    keys.sort(key=lambda key: not key.differs)
    runs = [_run(entry.run) for entry in entries]
    return RunComparison(runs, missing, total, keys[:MAX_KEYS], len(keys), _metrics(entries))


def _run(run: Run) -> ComparedRun:
    return ComparedRun(
        id=run.id,
        user_id=run.user_id,
        name=run.name,
        project=run.project,
        status=run.status,
        group=run.group,
        tags=run.tags,
        started_ms=(run.started_at or run.created_at).timestamp() * 1000,
        is_final=run.status.is_final,
    )


def _keys(entries: Sequence[Entry]) -> list[ComparedKey]:
    """Return every key that a run has something under, in the order in which runs have them."""
    table: dict[tuple[Space, str], list[Cell]] = {}
    for at, entry in enumerate(entries):
        for space, key, value in _values(entry):
            row = table.setdefault((space, key), [None] * len(entries))
            if row[at] is None:
                row[at] = value
    return [
        ComparedKey(space, key, len({_identity(value) for value in row}) > 1, row)
        for (space, key), row in table.items()
    ]


def _values(entry: Entry) -> Iterator[tuple[Space, str, Cell]]:
    run = entry.run
    for path, value in flat(run.config):
        yield "config", path, cell_of_value(value)
    yield from _tags(run)
    for field in _FIELDS:
        yield "run", field, cell_of(entry, parse_key(field))
    if run.launch is not None:
        for path, value in flat(msgspec.to_builtins(run.launch)):
            if not path.startswith("params."):  # these are the configuration
                yield "launch", path, cell_of_value(value)
    if run.attempt > 1:
        yield "run", "attempt", run.attempt
    if run.parent_id is not None:
        yield "run", "forked from", run.parent_id


def _tags(run: Run) -> Iterator[tuple[Space, str, Cell]]:
    bare: list[str] = []
    for tag in run.tags:
        key, sign, value = tag.partition("=" if "=" in tag else ":")
        if sign and key:
            yield "tags", key.strip(), value.strip()
        else:
            bare.append(tag)
    if bare:
        yield "tags", "tags", " ".join(sorted(bare))


def cell_of_value(value: object) -> Cell:
    """Return a value of a configuration as a table shows it: lists and objects as JSON."""
    if isinstance(value, float | int | str | bool):
        return value
    return msgspec.json.encode(value).decode()


def _identity(value: Cell) -> tuple[bool, Cell]:
    # To Python, True == 1; to who reads a configuration they are two values.
    return isinstance(value, bool), value


def _metrics(entries: Sequence[Entry]) -> list[ComparedMetric]:
    rows: dict[str, ComparedMetric] = {}

    def row(name: str) -> ComparedMetric:
        if name not in rows:
            n = len(entries)
            rows[name] = ComparedMetric(name, [None] * n, [None] * n, [None] * n, [None] * n)
        return rows[name]

    for at, entry in enumerate(entries):
        for info in entry.series:
            metric = row(info.name)
            metric.lowest[at], metric.highest[at] = info.lowest, info.highest
            metric.last_step[at] = info.last_step
        for name, value in entry.run.summary.items():
            row(name).value[at] = value
    return [rows[name] for name in sorted(rows)]
