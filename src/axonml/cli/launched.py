"""Trainings that the server runs: begun from the terminal, and followed there."""

from collections.abc import Sequence
from time import sleep
from typing import Any, Final

import msgspec

from axonml.cli.connection import connect
from axonml.cli.terminal import say, say_json
from axonml.client.api import Client
from axonml.errors import StartupError
from axonml.training.types import LogPage, Run, RunStatus

_POLL_S: Final = 0.5
_OK: Final = {RunStatus.COMPLETED, RunStatus.STOPPED}


def settings_of(pairs: Sequence[str]) -> dict[str, Any]:
    """Return `key=value` words as a mapping; a value is JSON where it is, else text.

    Raises:
        StartupError: a word has no `=`.
    """
    found: dict[str, Any] = {}
    for pair in pairs:
        key, equals, text = pair.partition("=")
        if not equals or not key:
            raise StartupError(f"--set takes key=value, such as lr=0.001, not {pair!r}")
        try:
            found[key] = msgspec.json.decode(text)
        except msgspec.DecodeError:
            found[key] = text
    return found


def launch(body: dict[str, Any], *, detach: bool, json: bool) -> int:
    """Launch a training and follow it; Ctrl-C leaves it running.

    Returns:
        0 where it was completed or stopped, or with `detach`; 1 otherwise.
    """
    with connect() as client:
        run = client.create_run(body)
        if not json:
            say(f"launched {run.name} ({run.id})")
        if detach:
            if json:
                say_json(run)
            return 0
        try:
            run = _follow(client, run, quiet=json)
        except KeyboardInterrupt:
            say(f"the training goes on; `axon runs stop {run.id}` stops it")
            return 0
    if json:
        say_json(run)
    else:
        say(f"{run.status}{f': {run.reason}' if run.reason else ''}")
    return 0 if run.status in _OK else 1


def _follow(client: Client, run: Run, *, quiet: bool) -> Run:
    seen, status = 0, run.status
    while True:
        # The state first: what is printed before the end is in the log by then.
        run = client.run(run.id)
        path = f"/api/training/runs/{run.id}/logs?after={seen}&limit=10000"
        for line in client.call("GET", path, LogPage).items:
            seen = line.seq
            if not quiet:
                say(line.message)
        if run.status.is_final:
            return run
        if run.status is not status and not quiet:
            status = run.status
            say(f"-- {status}")
        sleep(_POLL_S)
