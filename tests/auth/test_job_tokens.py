"""The token of a launched training, against the real server: what it may do, and when it ends."""

import os
import time
from collections.abc import Generator
from pathlib import Path
from typing import Any

import msgspec
import psutil
import pytest
from launching import RUNS, pid_of
from product import Server, running

from axonml.clock import now
from axonml.config import Config
from axonml.storage.open import open_storage
from axonml.training.store import RunStore
from axonml.training.types import Run, RunStatus

CONFIG = """
[launch]
grace_s = 1.0
[launch.entrypoints]
long = ["/bin/sh", "-c", "echo $AXON_TOKEN; exec sleep 100"]
"""


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Generator[Server]:
    home = tmp_path_factory.mktemp("home")
    _ = (home / "config.toml").write_text(CONFIG)
    with running(home) as started:
        yield started


def launched(server: Server) -> tuple[str, str]:
    """Launch a training and return its run's id and its token."""
    launch = {"kind": "entrypoint", "entrypoint": "long"}
    with server.client() as owner:
        run = owner.post(RUNS, json={"name": "long", "launch": launch}).json()["id"]
        deadline = time.monotonic() + 30
        while not (found := owner.get(f"{RUNS}/{run}/logs").json()["items"]):
            assert time.monotonic() < deadline, "it printed nothing"
            time.sleep(0.05)
    return run, found[0]["message"]


def asked(server: Server, path: str, body: dict[str, str] | None = None) -> Any:
    """Return what the operator gets for a request."""
    with server.client() as operator:
        return operator.post(path, json=body).json()


def status_of(server: Server, token: str) -> int:
    with server.client(token) as job:
        return job.get(RUNS).status_code


def wait_until_refused(server: Server, token: str) -> None:
    deadline = time.monotonic() + 30
    while status_of(server, token) == 200:
        assert time.monotonic() < deadline, "the token is still good"
        time.sleep(0.05)


def test_a_training_writes_to_its_own_run_and_reads_the_others(server: Server) -> None:
    run, token = launched(server)
    other = asked(server, RUNS, {"name": "other"})["id"]

    with server.client(token) as job:
        point = {"metrics": [{"step": 1, "loss": 0.5}]}
        own = job.post(f"{RUNS}/{run}/metrics", json=point)
        repeated = job.post(RUNS, json={"id": run, "name": "long", "launch": None})
        model = job.post("/api/models", json={"name": "made-by-a-job"})
        read = job.get(f"{RUNS}/{other}")
        foreign = job.post(f"{RUNS}/{other}/metrics", json=point)

    answers = (own, repeated, model, read)
    assert [each.status_code for each in answers] == [202, 201, 201, 200]
    assert foreign.status_code == 403
    assert foreign.json()["code"] == "other_run"
    assert foreign.json()["detail"] == (
        f"the token of the launched run {run} cannot write to the run {other};"
        " sign in, or use an API token of your own"
    )


@pytest.mark.parametrize(
    ("method", "path", "code"),
    [
        ("POST", RUNS, "other_run"),
        ("PATCH", f"{RUNS}/OTHER", "other_run"),
        ("DELETE", f"{RUNS}/OTHER", "other_run"),
        ("POST", f"{RUNS}/OTHER/stop", "other_run"),
        ("POST", f"{RUNS}/OTHER/log", "other_run"),
        ("POST", f"{RUNS}/OTHER/finish", "other_run"),
        ("POST", f"{RUNS}/OTHER/heartbeat", "other_run"),
        ("POST", f"{RUNS}/OTHER/fork", "other_run"),
        ("POST", f"{RUNS}/OWN/fork", "not_for_jobs"),
        ("POST", f"{RUNS}/OWN/relaunch", "not_for_jobs"),
        ("POST", f"{RUNS}/OWN/rerun", "not_for_jobs"),
        ("POST", f"{RUNS}/bulk", "not_for_jobs"),
        ("POST", "/api/training/views", "not_for_jobs"),
        ("POST", "/api/training/prune", "not_for_jobs"),
        ("DELETE", "/api/models/MODEL", "not_for_jobs"),
        ("PUT", "/api/models/MODEL/aliases/production", "not_for_jobs"),
        ("POST", "/api/models/MODEL/versions/1/deploy", "not_for_jobs"),
        ("GET", "/api/auth/tokens", "session_required"),
        ("POST", "/api/inference/predict/x", "scope_missing"),
    ],
)
def test_a_training_can_do_nothing_else(
    server: Server, job: tuple[str, str, str], method: str, path: str, code: str
) -> None:
    run, other, token = job

    with server.client(token) as client:
        path = path.replace("OTHER", other).replace("OWN", run)
        answer = client.request(method, path, json={"name": "x", "launch": None})

    assert (answer.status_code, answer.json()["code"]) == (403, code)


@pytest.fixture(scope="module")
def job(server: Server) -> tuple[str, str, str]:
    """Launch a training; return its run, another run and its token."""
    run, token = launched(server)
    other: str = asked(server, RUNS, {"name": "other"})["id"]
    return run, other, token


def test_a_token_ends_with_its_training(tmp_path: Path) -> None:
    _ = (tmp_path / "config.toml").write_text(CONFIG)
    with running(tmp_path) as server:
        (stopped, first), (killed, second) = launched(server), launched(server)
        assert (status_of(server, first), status_of(server, second)) == (200, 200)

        _ = asked(server, f"{RUNS}/{stopped}/stop")
        os.kill(pid_of(server, killed), 9)

        wait_until_refused(server, first)
        wait_until_refused(server, second)


def test_a_token_ends_also_where_the_server_was_away_at_the_end(tmp_path: Path) -> None:
    _ = (tmp_path / "config.toml").write_text(CONFIG)
    with running(tmp_path) as server:
        (ends, first), (goes_on, second) = launched(server), launched(server)
        server.kill()
        os.kill(pid_of(server, ends), 9)
        server.start()

        wait_until_refused(server, first)
        assert status_of(server, second) == 200
        _ = asked(server, f"{RUNS}/{goes_on}/stop")
        wait_until_refused(server, second)


@pytest.mark.anyio
async def test_a_token_is_ended_by_the_next_server_where_the_last_one_did_not_get_to_it(
    tmp_path: Path,
) -> None:
    _ = (tmp_path / "config.toml").write_text(CONFIG)
    with running(tmp_path) as server:
        run, token = launched(server)
        server.kill()
        runner = psutil.Process(pid_of(server, run)).parent()
        assert runner is not None
        runner.kill()
        # As it stands between the two writes at the end of a run.
        storage = await open_storage(Config(tmp_path))
        _ = await RunStore(storage.documents).runs.update(run, _completed)
        await storage.close()

        server.start()

        assert status_of(server, token) == 401


def _completed(run: Run) -> Run:
    return msgspec.structs.replace(run, status=RunStatus.COMPLETED, completed_at=now())
