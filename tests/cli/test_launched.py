"""A built-in trainer from the terminal: its log, its bar, and what Ctrl-C does."""

import json
import os
import pty
import signal
import subprocess
import sys
import time

import pytest
from cli.axon import Axon

from axonml.cli.launched import share_of
from axonml.cli.processes import Part
from axonml.client.api import Client
from axonml.clock import as_datetime
from axonml.ids import RunId, UserId, new_id
from axonml.training.types import (
    EntrypointLaunch,
    Launch,
    Run,
    RunStatus,
    SeriesSummary,
    TrainerLaunch,
)

LONG = ("train", "--builtin", "gradient_boosting", "--dataset", "digits", "--set", "lr=0.01")
ROUNDS = ("--set", "iterations=2000", "--set", "patience=0")
BAR = "━"


def last_run(axon: Axon) -> Run:
    with Client(axon.server_url, home=axon.home) as client:
        return client.runs().items[0]


def ended(axon: Axon, run: str) -> Run:
    deadline = time.monotonic() + 60
    with Client(axon.server_url, home=axon.home) as client:
        while not (found := client.run(run)).status.is_final:
            assert time.monotonic() < deadline, f"it stayed {found.status}"
            time.sleep(0.1)
    return found


def wait_for_line(child: subprocess.Popen[str], begin: str) -> None:
    assert child.stdout is not None
    for line in child.stdout:
        if line.startswith(begin):
            return
    raise AssertionError(f"it never said {begin!r}")


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_ctrl_c_asks_the_training_to_stop_and_waits_for_it(
    running: Axon, number: signal.Signals
) -> None:
    with running.begin(*LONG, *ROUNDS) as child:
        wait_for_line(child, "gradient_boosting on")
        child.send_signal(number)
        said, _ = child.communicate(timeout=90)

    run = last_run(running)
    assert child.returncode == 128 + number
    assert "-- asked it to stop" in said
    assert said.splitlines()[-1] == "stopped: stopped by the user"
    assert (run.status, run.reason) == (RunStatus.STOPPED, "stopped by the user")
    assert BAR not in said


def test_a_second_ctrl_c_does_not_wait(running: Axon) -> None:
    with running.begin(*LONG, *ROUNDS) as child:
        wait_for_line(child, "gradient_boosting on")
        run = last_run(running)
        child.send_signal(signal.SIGINT)
        wait_for_line(child, "-- asked it to stop")
        child.send_signal(signal.SIGINT)
        _ = child.communicate(timeout=90)

    assert child.returncode == 128 + signal.SIGINT
    assert ended(running, run.id).status is RunStatus.STOPPED


def test_detached_it_goes_on_by_itself(running: Axon) -> None:
    made = json.loads(running.ok(*LONG, *ROUNDS, "--detach", "--json"))

    with Client(running.server_url, home=running.home) as client:
        assert not client.run(made["id"]).status.is_final
        _ = client.call("POST", f"/api/training/runs/{made['id']}/stop", Run)
    assert ended(running, made["id"]).status is RunStatus.STOPPED


def test_a_server_that_is_away_for_a_while_is_waited_for(running: Axon) -> None:
    with running.begin(*LONG, "--set", "iterations=400", "--set", "patience=0") as child:
        wait_for_line(child, "gradient_boosting on")
        running.kill(Part.BACKEND)
        wait_for_line(child, "-- the server is away")
        _ = running.ok("start")
        said, _ = child.communicate(timeout=90)

    assert child.returncode == 0
    assert said.splitlines()[-1] == "completed"
    assert last_run(running).status is RunStatus.COMPLETED


def test_who_does_not_wait_for_a_server_that_is_away_hears_of_it(axon: Axon) -> None:
    _ = axon.ok("start")
    with axon.begin(*LONG, *ROUNDS) as child:
        wait_for_line(child, "gradient_boosting on")
        axon.kill(Part.BACKEND)
        wait_for_line(child, "-- the server is away")
        child.send_signal(signal.SIGINT)
        child.send_signal(signal.SIGTERM)
        _, told = child.communicate(timeout=30)
    _ = axon.ok("start")
    run = last_run(axon)
    with Client(axon.server_url, home=axon.home) as client:
        _ = client.call("POST", f"/api/training/runs/{run.id}/stop", Run)

    assert child.returncode == 1
    assert "no server answers" in told
    assert ended(axon, run.id).status is RunStatus.STOPPED


def test_a_terminal_shows_how_far_it_is(running: Axon) -> None:
    own, other = pty.openpty()
    child = subprocess.Popen(
        [sys.executable, "-m", "axonml.cli", *LONG, "--set", "iterations=150"],
        env={**running.environment, "TERM": "xterm-256color", "COLUMNS": "160"},
        stdin=other,
        stdout=other,
        stderr=other,
    )
    os.close(other)
    shown = b""
    while data := _read(own):
        shown += data
    os.close(own)

    assert child.wait(60) == 0
    text = shown.decode(errors="replace")
    assert BAR in text
    assert "train/loss 0." in text or "train/loss 1." in text or "train/loss 2." in text
    assert "held-out rows" in text or "held out" in text
    assert "completed" in text


def _read(terminal: int) -> bytes:
    try:
        return os.read(terminal, 1 << 16)
    except OSError:  # EIO: nobody writes to it any more
        return b""


def a_run(launch: Launch | None) -> Run:
    at = as_datetime(1_767_225_600_000)
    return Run(
        id=RunId(new_id()),
        user_id=UserId("me"),
        project="p",
        name="n",
        model_type="",
        status=RunStatus.RUNNING,
        launch=launch,
        created_at=at,
        updated_at=at,
    )


def series(**points: tuple[int, int]) -> dict[str, SeriesSummary]:
    """Return summaries by name (`_` for `/`) of so many points and their last step."""
    return {
        name.replace("_", "/"): SeriesSummary(name, n_points, last_step, 0.5, None, None)
        for name, (n_points, last_step) in points.items()
    }


@pytest.mark.parametrize(
    ("launch", "found", "share"),
    [
        (None, series(train_loss=(5, 4), val_loss=(5, 4)), None),
        (EntrypointLaunch(entrypoint="x"), series(train_loss=(5, 4), val_loss=(5, 4)), None),
        ({"iterations": 20}, series(train_loss=(5, 4), val_loss=(5, 4)), 0.25),
        ({"iterations": 2}, series(train_loss=(5, 4), val_loss=(5, 4)), 1.0),
        ({"epochs": 4}, series(train_loss=(15, 14), val_loss=(1, 9)), 0.375),
        ({"epochs": 4}, series(train_loss=(5, 4)), None),
        ({"epochs": 4}, {}, None),
        ({"model": "svm"}, series(train_loss=(5, 4), val_loss=(5, 4)), None),
    ],
)
def test_how_far_a_training_is_follows_from_its_rounds_or_epochs(
    launch: EntrypointLaunch | dict[str, int] | None,
    found: dict[str, SeriesSummary],
    share: float | None,
) -> None:
    made = (
        TrainerLaunch(trainer="t", dataset="d", params=launch)
        if isinstance(launch, dict)
        else launch
    )

    assert share_of(a_run(made), found) == share
