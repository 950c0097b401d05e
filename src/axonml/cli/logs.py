"""`axon logs`."""

from collections import deque
from collections.abc import Iterator
from pathlib import Path
from time import sleep
from typing import Annotated, Any, Final

import msgspec
from cyclopts import Parameter
from rich.text import Text

from axonml.cli.options import Flag
from axonml.cli.terminal import out, say
from axonml.config import load

_POLL_S: Final = 0.25
_LEVELS: Final = {"warning": "yellow", "error": "red", "critical": "bold red", "debug": "dim"}


def logs(
    *,
    backend: Flag = False,
    frontend: Flag = False,
    access: Flag = False,
    lines: Annotated[int, Parameter(name=["--lines", "-n"])] = 100,
    follow: Annotated[
        bool, Parameter(name=["--follow", "-f"], negative="", show_default=False)
    ] = False,
    json: Flag = False,
) -> None:
    """Show the last lines of a log.

    Args:
        backend: The log of the API; it is what is shown without a flag.
        frontend: The log of the page's process.
        access: The requests.
        lines: How many.
        follow: Go on as lines come, until Ctrl-C.
        json: Print the lines as they are in the file.
    """
    folder = load().home / "logs"
    name = "access" if access else "dashboard" if frontend and not backend else "server"
    path = folder / f"{name}.log"
    if not path.is_file() and not follow:
        say(f"{path} is not there yet; `axon start` begins it")
        return
    at = 0
    if path.is_file():
        with path.open("rb") as file:
            last = deque(file, maxlen=lines)
            at = file.tell()
        for line in last:
            _show(line.decode("utf-8", "replace").rstrip("\n"), raw=json)
    if follow:
        for line in _following(path, at):
            _show(line, raw=json)


def _following(path: Path, at: int) -> Iterator[str]:
    rest = b""
    while True:
        size = path.stat().st_size if path.is_file() else 0
        if size < at:
            at, rest = 0, b""  # the file was rotated: another has begun
        if size > at:
            with path.open("rb") as file:
                _ = file.seek(at)
                data = file.read()
            at += len(data)
            *whole, rest = (rest + data).split(b"\n")
            for line in whole:
                yield line.decode("utf-8", "replace")
        sleep(_POLL_S)


def _show(line: str, *, raw: bool) -> None:
    if raw:
        say(line)
        return
    try:
        entry = msgspec.json.decode(line, type=dict[str, Any])
    except msgspec.MsgspecError:
        say(line)
        return
    level = str(entry.pop("level", "info"))
    moment = str(entry.pop("timestamp", ""))
    event = str(entry.pop("event", ""))
    logger = str(entry.pop("logger", ""))
    trace = str(entry.pop("exception", ""))
    text = Text(f"{moment[:23]} ", style="dim")
    _ = text.append(f"{level:7} ", style=_LEVELS.get(level, "green"))
    _ = text.append(event, style="bold")
    for key, value in entry.items():
        _ = text.append(f" {key}=", style="dim").append(str(value))
    _ = text.append(f" {logger}", style="dim")
    if trace:
        _ = text.append(f"\n{trace}", style="red")
    out.print(text)
