"""Runs as files: one line a run as CSV, guarded against formulas, page by page."""

import csv
import io
from collections.abc import AsyncIterator, Sequence
from typing import Final

from axonml.http.caller import Caller
from axonml.ids import RunId
from axonml.training.filter import Key, parse_key
from axonml.training.history import History
from axonml.training.listing import Cell, Entry, Listing, Wanted, cells_of, split_keys
from axonml.training.searchable import word_of

PAGE: Final = 200  # more would keep the event loop from others
DEFAULT_COLUMNS: Final = (
    "id,name,project,group,status,model_type,user,created_at,started_at,completed_at,duration,tag"
)
_FORMULA: Final = tuple("=+-@\t\r\n")


def columns_of(text: str) -> list[tuple[str, Key]]:
    """Return the columns that a list with commas names, each with its key."""
    return [(name, parse_key(name)) for name in split_keys(text or DEFAULT_COLUMNS)]


async def entries_of(
    listing: Listing, caller: Caller, wanted: Wanted, sort: str, limit: int | None
) -> AsyncIterator[list[Entry]]:
    """Yield every run that is wanted, or the first `limit`, a page at a time."""
    cursor: str | None = None
    left = limit
    while left is None or left > 0:
        size = PAGE if left is None else min(left, PAGE)
        ids, cursor, _ = await listing.ids(caller, wanted, sort, cursor, size)
        yield await listing.entries(ids)
        left = None if left is None else left - size
        if cursor is None:
            return


async def csv_of_runs(
    pages: AsyncIterator[list[Entry]], columns: Sequence[tuple[str, Key]]
) -> AsyncIterator[str]:
    """Yield a line for each run, below one with the columns' names."""
    yield line_of([guarded(name) for name, _ in columns])
    keys = [key for _, key in columns]
    async for entries in pages:
        yield "".join(line_of(list(map(text_of, cells_of(entry, keys)))) for entry in entries)


def as_file(name: str) -> dict[str, str]:
    """Return the header that makes a browser save an answer under a name."""
    return {"content-disposition": f'attachment; filename="{name}"'}


async def csv_of_points(
    history: History, run: RunId, names: Sequence[str], first: int | None, last: int | None
) -> AsyncIterator[str]:
    """Yield a line for each logged row: step, timestamp and each metric, a page at a time."""
    names = list(names) or [each.name for each in await history.summaries(run)]
    yield line_of(["step", "timestamp", *map(guarded, names)])
    start = first
    while True:
        page = await history.rows(run, names, start, last, PAGE)
        yield "".join(
            line_of(
                [
                    str(row["step"]),
                    row["timestamp"].isoformat().replace("+00:00", "Z"),
                    *(text_of(row.get(name)) for name in names),
                ]
            )
            for row in page.items
        )
        if page.next_cursor is None:
            return
        start = int(page.next_cursor)


def text_of(cell: Cell) -> str:
    """Return a cell's text; words of users can be no formula, numbers stay what they are."""
    match cell:
        case None:
            return ""
        case bool():
            return "true" if cell else "false"
        case int() | float():
            return word_of(cell)
        case str():
            return guarded(cell)


def guarded(text: str) -> str:
    """Return the text, with a quote in front where a spreadsheet would run it as a formula.

    OWASP, "CSV Injection": what begins with = + - @, a tab or a line's end.
    """
    if not text.startswith(_FORMULA):
        return text
    try:
        _ = float(text)
    except ValueError:
        return f"'{text}"
    return text


def line_of(cells: Sequence[str]) -> str:
    """Return one line of RFC 4180."""
    text = io.StringIO()
    csv.writer(text).writerow(cells)
    return text.getvalue()
