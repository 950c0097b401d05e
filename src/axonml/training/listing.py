"""The list of runs: filtered, sorted, counted, page by page; and the keys that runs have."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Final, assert_never

import msgspec

from axonml.clock import as_ms, now
from axonml.errors import BadRequest, Invalid
from axonml.http.caller import Caller, Role
from axonml.http.paging import decode_cursor, encode_cursor
from axonml.storage.protocols import Documents, Row, Series, SeriesInfo, Statement
from axonml.training.conditions import Conditions, Order, candidates, like, place_of
from axonml.training.filter import (
    All,
    Among,
    Comparison,
    Exists,
    Key,
    Node,
    Not,
    Some,
    parse_filter,
    parse_key,
)
from axonml.training.history import number_of
from axonml.training.searchable import flat
from axonml.training.store import RunStore
from axonml.training.summary import summary_of
from axonml.training.types import Run, RunPage, RunStatus

MAX_PAGE: Final = 1000
_MAX_KNOWN: Final = 2000
_PLACES: Final = 500
_MAX_DIGITS: Final = 15

Cell = float | str | bool | None


class Wanted(msgspec.Struct, frozen=True, kw_only=True):
    """Which runs: empty fields do not filter; `text` is sought in the name."""

    filter: Node | None = None
    text: str = ""
    status: tuple[RunStatus, ...] = ()
    project: str = ""
    is_deleted: bool = False


class KnownKey(msgspec.Struct, frozen=True):
    """A key that some runs have: of the numbers, texts or both; `n_runs` have it."""

    key: str
    kind: str
    n_runs: int


class RunKeys(msgspec.Struct, frozen=True):
    """What lists may show, filter, sort and group by, the most frequent first.

    `tags` are the keys of tags like `team=vision`; `labels` are whole tags.
    """

    config: list[KnownKey]
    metrics: list[KnownKey]
    tags: list[KnownKey]
    labels: list[KnownKey]


class Entry(msgspec.Struct, frozen=True):
    """A run with its summary shown, and every summary of its series."""

    run: Run
    series: Sequence[SeriesInfo]


class Listing:
    """Reads lists of runs; a run that the caller may not see has no part in any answer."""

    def __init__(self, documents: Documents, store: RunStore, series: Series) -> None:
        self._documents: Final = documents
        self._store: Final = store
        self._series: Final = series

    async def page(
        self, caller: Caller, wanted: Wanted, sort: str, cursor: str | None, limit: int
    ) -> RunPage:
        """Return a page of runs with their summaries, and how many runs there are in all."""
        ids, next_cursor, total = await self.ids(caller, wanted, sort, cursor, limit)
        return RunPage([entry.run for entry in await self.entries(ids)], next_cursor, total)

    async def ids(
        self, caller: Caller, wanted: Wanted, sort: str, cursor: str | None, limit: int
    ) -> tuple[list[str], str | None, int]:
        """Return the ids of a page, where the next one begins, and how many there are in all."""
        key = parse_key(sort.removeprefix("-"))
        conditions = await self.conditions(caller, wanted, [key])
        order = Order(conditions.expression(key), sort.startswith("-"))
        select, total = f"SELECT r.id, {order.columns}", 0
        if cursor:
            # Counted once, for the first page: it takes as long as the page itself.
            total, place, run_id = _place_in(cursor)
            conditions.require(_after(order, conditions, place, run_id))
        else:
            select = f"{select}, count(*) OVER ()"
        rows = await self.scan(conditions, select, f"{order.by} LIMIT {limit + 1}")
        total = total if cursor else int(rows[0][3]) if rows else 0
        shown = rows[:limit]
        ids = [str(row[0]) for row in shown]
        if len(rows) == len(shown):
            return ids, None, total
        return ids, encode_cursor(f"{total} {place_of(*shown[-1][1:3])}", ids[-1]), total

    async def entries(self, ids: Sequence[str]) -> list[Entry]:
        """Return the runs in the order of `ids`; one that went meanwhile is left out."""
        found: dict[str, Run] = {}
        for start in range(0, len(ids), _PLACES):
            some = ids[start : start + _PLACES]
            places = ", ".join(f"${i + 1}" for i in range(len(some)))
            for run in await self._store.runs.find(f"WHERE id IN ({places})", some):
                found[run.id] = run
        known = await self._series.info(list(found))
        entries: list[Entry] = []
        for run_id in ids:
            if (run := found.get(run_id)) is not None:
                series = known.get(run_id, [])
                summary = summary_of(run, series)
                entries.append(Entry(msgspec.structs.replace(run, summary=summary), series))
        return entries

    async def conditions(
        self, caller: Caller, wanted: Wanted, keys: Iterable[Key] = ()
    ) -> Conditions:
        """Return the conditions that `wanted` makes, ready for expressions of `keys`."""
        asked = [*_keys_of(wanted.filter), *keys]
        conditions = Conditions(caller, await self._defined(asked))
        if wanted.is_deleted:
            conditions.require("r.deleted_at IS NOT NULL")
            if caller.role is not Role.ADMIN:
                conditions.require(f"r.user_id = {conditions.bind(caller.user_id)}")
        else:
            conditions.require("r.deleted_at IS NULL")
        if wanted.text:
            pattern = conditions.bind(like(wanted.text))
            conditions.require(f"lower(r.name) LIKE lower({pattern}) ESCAPE '\\'")
        if wanted.project:
            conditions.require(f"r.project = {conditions.bind(wanted.project)}")
        if wanted.status:
            states = ", ".join(conditions.bind(str(status)) for status in wanted.status)
            conditions.require(f"r.status IN ({states})")
        if wanted.filter is not None:
            conditions.require(conditions.matches(wanted.filter))
        return conditions

    async def scan(self, conditions: Conditions, select: str, tail: str = "") -> list[Row]:
        """Return the rows of `select` over the runs that fulfil the conditions."""
        return await self._documents.scan(conditions.statement(select, tail))

    async def _defined(self, keys: Iterable[Key]) -> list[str]:
        names = {key.name for key in keys if key.space == "metrics" and not key.statistic}
        asked = sorted({candidate for name in names for candidate in candidates(name)})
        found: list[str] = []
        for start in range(0, len(asked), _PLACES):
            some = asked[start : start + _PLACES]
            places = ", ".join(f"(${i + 1})" for i in range(len(some)))
            sql = " ".join(
                (
                    "SELECT column1 FROM",
                    f"(VALUES {places}) AS asked",
                    "WHERE EXISTS (SELECT 1 FROM run_key k WHERE k.key = column1)",
                )
            )
            rows = await self._documents.read(Statement(sql, tuple(some)))
            found += [str(key) for (key,) in rows]
        return found

    async def keys(self, caller: Caller, project: str) -> RunKeys:
        """Return every key that the runs that the caller may see have."""
        wanted = Wanted(project=project)
        found: dict[str, list[KnownKey]] = {}
        for space in ("config", "tags", "tag", "summary"):
            found[space] = await self._keys(caller, wanted, space)
        conditions = await self.conditions(caller, wanted)
        rows = await self.scan(
            conditions.of_rows("series"),
            "SELECT k.name, count(*)",
            f"GROUP BY k.name ORDER BY count(*) DESC, k.name LIMIT {_MAX_KNOWN}",
        )
        metrics = {str(name): int(n) for name, n in rows}
        for known in found["summary"]:
            metrics[known.key] = max(metrics.get(known.key, 0), known.n_runs)
        return RunKeys(
            config=found["config"],
            metrics=[KnownKey(name, "number", n) for name, n in metrics.items()],
            tags=found["tags"],
            labels=found["tag"],
        )

    async def _keys(self, caller: Caller, wanted: Wanted, space: str) -> list[KnownKey]:
        conditions = await self.conditions(caller, wanted)
        first, end = conditions.bind(f"{space}."), conditions.bind(f"{space}/")
        conditions.require(f"k.key >= {first} AND k.key < {end}")
        rows = await self.scan(
            conditions.of_rows("run_key"),
            "SELECT k.key, count(*), count(k.number)",
            f"GROUP BY k.key ORDER BY count(*) DESC, k.key LIMIT {_MAX_KNOWN}",
        )
        return [
            KnownKey(str(key)[len(space) + 1 :], _kind(int(n), int(n_numbers)), int(n))
            for key, n, n_numbers in rows
        ]


def wanted_of(  # one argument for each query parameter
    filter_text: str, q: str, status: Sequence[RunStatus] | None, project: str, *, deleted: bool
) -> Wanted:
    """Return what the query parameters of a list ask for."""
    return Wanted(
        filter=parse_filter(filter_text),
        text=q,
        status=tuple(status or ()),
        project=project,
        is_deleted=deleted,
    )


def cells_of(entry: Entry, keys: Sequence[Key]) -> list[Cell]:
    """Return what a table shows of a run under each key; None where the run has no such thing."""
    config = dict(flat(entry.run.config)) if any(key.space == "config" for key in keys) else {}
    return [_cell(entry, config, key) for key in keys]


def cell_of(entry: Entry, key: Key) -> Cell:
    """Return what a table shows of a run under one key."""
    return cells_of(entry, [key])[0]


def _cell(entry: Entry, config: Mapping[str, object], key: Key) -> Cell:
    run = entry.run
    match key.space:
        case "metrics":
            return _metric(entry, key)
        case "config":
            found = config.get(key.name)
            if found is None or isinstance(found, float | int | str | bool):
                return found
            return msgspec.json.encode(found).decode()
        case "tag":
            return " ".join(run.tags) or None
        case "tags":
            tags = (tag.partition(sign) for tag in run.tags for sign in "=:")
            return next((value for name, _, value in tags if name == key.name and value), None)
        case "field":
            return _field(run, key.name)
        case _:
            assert_never(key.space)


def _metric(entry: Entry, key: Key) -> Cell:
    if not key.statistic:
        return entry.run.summary.get(key.name)
    info = next((info for info in entry.series if info.name == key.name), None)
    if info is None:
        return None
    found = {
        "last": info.last_value,
        "min": info.lowest,
        "max": info.highest,
        "mean": info.mean,
    }[key.statistic]
    return None if found is None else number_of(found)


def _field(run: Run, name: str) -> Cell:
    if name == "duration":
        if run.started_at is None:
            return None
        return (as_ms(run.completed_at or now()) - as_ms(run.started_at)) / 1000
    found = getattr(run, "user_id" if name == "user" else name)
    if name.endswith("_at"):
        return None if found is None else found.isoformat().replace("+00:00", "Z")
    return str(found) or None


def _kind(n: int, n_numbers: int) -> str:
    if n_numbers == n:
        return "number"
    return "mixed" if n_numbers else "text"


def _keys_of(node: Node | None) -> list[Key]:
    match node:
        case None:
            return []
        case All(parts) | Some(parts):
            return [key for part in parts for key in _keys_of(part)]
        case Not(part):
            return _keys_of(part)
        case Comparison() | Among() | Exists():
            return [node.key]


def _place_in(cursor: str) -> tuple[int, str, str]:
    """Return the total, the place and the id that a cursor carries."""
    said, run_id = decode_cursor(cursor)
    total, _, place = said.partition(" ")
    if not total.isdecimal() or len(total) > _MAX_DIGITS:
        raise _bad_cursor()
    return int(total), place, run_id


def _after(order: Order, conditions: Conditions, place: str, run_id: str) -> str:
    try:
        return order.after(conditions, place, run_id)
    except ValueError:
        raise _bad_cursor() from None


def _bad_cursor() -> BadRequest:
    return BadRequest(
        "the cursor is not one that this server gave; start without it", code="bad_cursor"
    )


def split_keys(text: str) -> list[str]:
    """Return the names in a list with commas; a comma within quotes belongs to the name."""
    found, quote = [""], ""
    for character in text:
        if character == "," and not quote:
            found.append("")
            continue
        if character in "\"'`":
            quote = "" if quote == character else quote or character
        found[-1] += character
    if quote:
        raise Invalid("a quote in the list of names is not closed")
    return [name.strip() for name in found if name.strip()]
