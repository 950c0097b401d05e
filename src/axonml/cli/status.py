"""`axon status`."""

from typing import Final

import msgspec

from axonml.cli.options import Flag
from axonml.cli.processes import Part, fetch, held_by, is_ready
from axonml.cli.terminal import say_json, say_table, span
from axonml.clock import as_datetime, now
from axonml.config import Config, load

NOT_RUNNING: Final = 3


class PartStatus(msgspec.Struct, frozen=True):
    """One process: `state` is running, starting (it lives but does not answer) or stopped."""

    part: Part
    state: str
    pid: int | None = None
    url: str | None = None
    uptime_s: float | None = None
    version: str | None = None


class _State(msgspec.Struct, frozen=True):
    version: str


def status(*, json: Flag = False) -> int:
    """Show what runs, and exit with 0 if the API and the page both do, else with 3.

    Args:
        json: Print JSON for programs.
    """
    config = load()
    parts = [_status_of(config, part) for part in Part]
    if json:
        say_json({"home": str(config.home), "parts": parts})
    else:
        say_table(("part", "state", "pid", "url", "up", "version"), map(_row, parts))
    return 0 if all(part.state == "running" for part in parts) else NOT_RUNNING


def _status_of(config: Config, part: Part) -> PartStatus:
    held = held_by(config, part)
    if held is None:
        return PartStatus(part, "stopped")
    return PartStatus(
        part,
        "running" if is_ready(held, part) else "starting",
        held.pid,
        held.url,
        (now() - as_datetime(held.started_ms)).total_seconds(),
        _version(held.url) if part is Part.BACKEND else None,
    )


def _version(url: str) -> str | None:
    try:
        return msgspec.json.decode(fetch(url, "/api/auth/state") or b"", type=_State).version
    except msgspec.MsgspecError:
        return None


def _row(part: PartStatus) -> tuple[str, ...]:
    from datetime import timedelta

    up = "" if part.uptime_s is None else span(timedelta(seconds=part.uptime_s))
    return part.part, part.state, str(part.pid or ""), part.url or "", up, part.version or ""
