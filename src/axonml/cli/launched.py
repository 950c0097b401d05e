"""Trainings that the server runs: begun from the terminal, and followed there."""

from collections.abc import Generator, Mapping, Sequence
from contextlib import contextmanager
from time import sleep
from typing import Any, Final

import msgspec
from rich.progress import (
    BarColumn,
    Progress,
    TaskProgressColumn,
    TextColumn,
    TimeElapsedColumn,
)

from axonml.cli.connection import connect
from axonml.cli.signals import told_of_endings
from axonml.cli.terminal import out, say, say_json
from axonml.client.api import Client
from axonml.client.problems import AxonmlError, Unreachable
from axonml.errors import StartupError
from axonml.training.types import (
    LogPage,
    Run,
    RunStatus,
    SeriesList,
    SeriesSummary,
    TrainerLaunch,
)

_POLL_S: Final = 0.5
_PAGE: Final = 10_000
_ENDED: Final = "run_ended"
_SHOWN: Final = ("epoch", "train/loss", "val/loss", "val/accuracy", "val/rmse")


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
    """Launch a training and follow it; Ctrl-C asks it to stop, a second one ends it at once.

    Returns:
        0 where it was completed or stopped on the page, or with `detach`; 128 and the signal's
        number where a signal stopped it, 1 otherwise.
    """
    asked: list[int] = []
    with connect() as client, told_of_endings(asked.append):
        run = client.create_run(body)
        if not json:
            say(f"launched {run.name} ({run.id})")
        if not detach:
            run = _Follower(client, run, asked, quiet=json).follow()
    if json:
        say_json(run)
    elif not detach:
        say(f"{run.status}{f': {run.reason}' if run.reason else ''}")
    if detach or run.status is RunStatus.COMPLETED:
        return 0
    if run.status is RunStatus.STOPPED:
        return 128 + asked[0] if asked else 0
    return 1


class _Follower:
    """Prints the log of a launched training, with a bar below where there is a terminal."""

    def __init__(self, client: Client, run: Run, asked: list[int], *, quiet: bool) -> None:
        self._client: Final = client
        self._run = run
        self._path: Final = f"/api/training/runs/{run.id}"
        self._asked: Final = asked
        self._n_heard = 0
        self._quiet: Final = quiet
        self._seen = 0

    def follow(self) -> Run:
        """Return the run as it ended; a server that is away for a while is waited for.

        Raises:
            Unreachable: it is away, and who waits for it does not want to.
        """
        with _bar(quiet=self._quiet) as bar:
            is_away = False
            while not self._run.status.is_final:
                try:
                    self._look(bar)
                    is_away = False
                except Unreachable:
                    if len(self._asked) > self._n_heard + 1:
                        raise
                    if not is_away:
                        self._say("-- the server is away; the training goes on without it")
                    is_away = True
                if not self._run.status.is_final:
                    sleep(_POLL_S)
        return self._run

    def _look(self, bar: Progress | None) -> None:
        self._stop_as_asked()
        # The state first: what is printed before the end is in the log by then.
        run = self._client.run(self._run.id)
        self._print()
        if run.status is not self._run.status and not run.status.is_final:
            self._say(f"-- {run.status}")
        self._run = run
        if bar is not None and not run.status.is_final:
            self._show(bar)

    def _say(self, line: str) -> None:
        if not self._quiet:
            say(line)

    def _stop_as_asked(self) -> None:
        while self._n_heard < len(self._asked):
            try:
                _ = self._client.call("POST", f"{self._path}/stop", Run)
            except AxonmlError as error:
                if error.code != _ENDED:
                    raise
            self._n_heard += 1
            if self._n_heard == 1:
                self._say("-- asked it to stop; once more ends it at once")

    def _print(self) -> None:
        while True:
            query = {"after": self._seen, "limit": _PAGE}
            page = self._client.call("GET", f"{self._path}/logs", LogPage, params=query)
            for line in page.items:
                self._seen = line.seq
                self._say(line.message)
            if len(page.items) < _PAGE:
                return

    def _show(self, bar: Progress) -> None:
        found = self._client.call("GET", f"{self._path}/series", SeriesList).items
        series = {each.name: each for each in found}
        shown = [
            f"{name} {value:.4g}"
            for name in _SHOWN
            if name in series and isinstance(value := series[name].last_value, float)
        ]
        share = share_of(self._run, series)
        bar.update(
            bar.task_ids[0],
            total=None if share is None else 1.0,
            completed=share or 0.0,
            status=str(self._run.status),
            numbers="  ".join(shown),
        )


@contextmanager
def _bar(*, quiet: bool) -> Generator[Progress | None]:
    if quiet or not out.is_terminal:
        yield None
        return
    columns = (
        TextColumn("{task.fields[status]}"),
        BarColumn(),
        TaskProgressColumn(),
        TextColumn("{task.fields[numbers]}"),
        TimeElapsedColumn(),
    )
    with Progress(*columns, console=out, transient=True) as bar:
        _ = bar.add_task("", total=None, status="queued", numbers="")
        yield bar


def share_of(run: Run, series: Mapping[str, SeriesSummary]) -> float | None:
    """Return how much of its rounds or epochs a built-in trainer has done; None where unknown."""
    params = run.launch.params if isinstance(run.launch, TrainerLaunch) else {}
    step, whole = series.get("train/loss"), series.get("val/loss")
    if step is None or whole is None:
        return None
    n_rounds = params.get("iterations")
    if n_rounds is None and "epochs" in params:
        # A network measures on held-out rows once an epoch.
        n_rounds = (whole.last_step + 1) / whole.n_points * params["epochs"]
    return min((step.last_step + 1) / n_rounds, 1.0) if n_rounds else None
