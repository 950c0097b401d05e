"""What commands print: tables for people, JSON for programs."""

import sys
from collections.abc import Callable, Generator, Iterable, Sequence
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Final

import msgspec
from rich.console import Console
from rich.table import Table
from rich.text import Text

from axonml.clock import now

_WIDE: Final = 160
_WIDEST: Final = 60


class _Output(Console):
    def on_broken_pipe(self) -> None:
        raise BrokenPipeError  # main() knows the exit code


# A file or a program reads no terminal's 80 columns.
out: Final = _Output(highlight=False, soft_wrap=True, width=None if sys.stdout.isatty() else _WIDE)
_STYLES: Final = {
    "running": "green",
    "completed": "green",
    "ready": "green",
    "starting": "yellow",
    "stopping": "yellow",
    "queued": "yellow",
    "draining": "yellow",
    "failed": "red",
    "lost": "red",
    "stopped": "dim",
}


def say(line: str) -> None:
    """Print one line as it is, whatever brackets are in it."""
    out.print(Text(line))


def say_json(value: object) -> None:
    """Print a value as JSON on several lines."""
    text = msgspec.json.format(msgspec.json.encode(value), indent=2).decode()
    _ = sys.stdout.write(f"{text}\n")


def say_table(columns: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
    """Print rows below bold column names; a word that is a state has its colour."""
    table = Table(box=None, pad_edge=False, header_style="bold")
    for column in columns:
        # A long name must not take the room of an id.
        table.add_column(column, overflow="ellipsis", no_wrap=True, max_width=_WIDEST)
    for row in rows:
        table.add_row(*(Text(cell, style=_STYLES.get(cell, "")) for cell in row))
    out.print(table)


@contextmanager
def transfer(what: str) -> Generator[Callable[[int, int], None]]:
    """Yield what draws a bar of bytes with speed and time left; only where somebody looks."""
    from rich.progress import (
        BarColumn,
        DownloadColumn,
        Progress,
        TextColumn,
        TimeRemainingColumn,
        TransferSpeedColumn,
    )

    bar = Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        DownloadColumn(binary_units=True),
        TransferSpeedColumn(),
        TimeRemainingColumn(),
        console=Console(stderr=True),
        transient=True,
        disable=not sys.stderr.isatty(),
    )
    with bar:
        task = bar.add_task(what, total=None)
        yield lambda done, total: bar.update(task, completed=done, total=total)


def ago(moment: datetime) -> str:
    """Return how long ago `moment` was: `12 s`, `5 min`, `3 h`, `9 d`."""
    return span(now() - moment)


def span(length: timedelta) -> str:
    """Return a length of time in its largest unit."""
    seconds = max(int(length.total_seconds()), 0)
    for unit, size in (("d", 86_400), ("h", 3_600), ("min", 60)):
        if seconds >= size:
            return f"{seconds // size} {unit}"
    return f"{seconds} s"
