"""Trainings that the server starts: with real processes, from the request to the end."""

import os
import signal
import time
from collections.abc import Generator
from pathlib import Path
from typing import Any

import httpx
import psutil
import pytest
from launching import RUNS, begun, ended, launched, lines, pid_of, runner_of
from product import Server, running

from axonml.config import load
from axonml.errors import StartupError

CONFIG = """
[training]
lost_after_s = 1.0
[launch]
max_parallel = 2
grace_s = 1.0
log_bytes = 131072
[launch.entrypoints]
say = ["/bin/sh", "-c", "echo hello $0; exit ${1:-0}"]
long = ["/bin/sh", "-c", "echo begun; sleep 100 & wait"]
deaf = ["/bin/sh", "-c", "trap '' TERM; echo deaf; while true; do sleep 1; done"]
noisy = ["/bin/sh", "-c", "yes a line of a job that prints without end"]
again = ["/bin/sh", "-c", "ls $AXON_CHECKPOINT_DIR; touch $AXON_CHECKPOINT_DIR/one; exit 1"]
nothing = ["/no/such/program"]
much = ["/bin/sh", "-c", "yes one of very many lines | head -n 20000; echo the last; exit 4"]
"""


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Generator[Server, None, None]:
    home = tmp_path_factory.mktemp("home")
    _ = (home / "config.toml").write_text(CONFIG)
    with running(home) as started:
        yield started


@pytest.fixture
def client(server: Server) -> Generator[httpx.Client, None, None]:
    with server.client() as found:
        yield found


def lines_after(client: httpx.Client, run: str, after: int) -> list[str]:
    query = f"after={after}&limit=10000"
    found = client.get(f"{RUNS}/{run}/logs?{query}").json()["items"]
    return [line["message"] for line in found]


def test_a_command_runs_to_its_end_and_what_it_prints_is_the_log(client: httpx.Client) -> None:
    good, bad = launched(client, "say", "you"), launched(client, "say", "me", "3")

    assert ended(client, good) == ("completed", "")
    assert ended(client, bad) == ("failed", "exit code 3: hello me")
    assert lines(client, good) == ["hello you"]
    run = client.get(f"{RUNS}/{good}").json()
    said = {"entrypoint": "say", "args": ["you"]}
    assert run["launch"] == {"kind": "entrypoint", **said, "config": {}}
    assert run["config"] == said


def test_a_command_that_is_not_there_says_so(client: httpx.Client) -> None:
    run = launched(client, "nothing")

    assert ended(client, run) == (
        "failed",
        "cannot start /no/such/program: No such file or directory",
    )


def test_no_more_run_at_once_than_may_and_one_that_waits_can_be_stopped(
    client: httpx.Client,
) -> None:
    first, second, third = (launched(client, "long") for _ in range(3))
    begun(client, first)
    begun(client, second)

    assert client.get(f"{RUNS}/{third}").json()["status"] == "queued"
    for run in (third, first, second):
        _ = client.post(f"{RUNS}/{run}/stop")

    assert ended(client, third) == ("stopped", "stopped before it began")
    assert ended(client, first) == ended(client, second) == ("stopped", "stopped by the user")


def test_a_command_that_does_not_stop_is_killed_after_the_grace(
    client: httpx.Client, server: Server
) -> None:
    run = launched(client, "deaf")
    begun(client, run)
    pid = pid_of(server, run)

    _ = client.post(f"{RUNS}/{run}/stop")

    assert ended(client, run) == (
        "stopped",
        "stopped by the user; it had not ended by itself and was killed",
    )
    assert not psutil.pid_exists(pid)


def test_a_command_that_prints_without_end_is_stopped_like_any_other(
    client: httpx.Client,
) -> None:
    noisy = launched(client, "noisy")
    begun(client, noisy)
    other = launched(client, "say", "you")

    assert ended(client, other) == ("completed", "")
    _ = client.post(f"{RUNS}/{noisy}/stop")

    assert ended(client, noisy) == ("stopped", "stopped by the user")
    assert client.get(f"{RUNS}/{noisy}/logs?after=-1&limit=1").json()["items"][0]["message"]


def test_a_log_that_is_too_long_ends_and_the_training_goes_on(
    client: httpx.Client, server: Server
) -> None:
    run = launched(client, "much")

    assert ended(client, run) == ("failed", "exit code 4: the last")
    last = lines_after(client, run, -1)[-1]
    assert last == (
        "log stopped at 0.125 MiB:"
        " the training goes on, and what it prints from here on is not kept"
    )
    file = server.home / "runs" / run / "log.txt"
    assert 131072 - 100 < file.stat().st_size < 131072 + 200


def test_each_attempt_has_a_log_of_its_own_length(client: httpx.Client, server: Server) -> None:
    run = launched(client, "much")
    _ = ended(client, run)

    _ = client.post(f"{RUNS}/{run}/relaunch")
    _ = ended(client, run)

    file = (server.home / "runs" / run / "log.txt").read_text()
    assert file.count("log stopped") == 2
    assert lines_after(client, run, -1)[-1].startswith("log stopped")


def test_a_launched_run_is_not_resumed_without_its_training(client: httpx.Client) -> None:
    run = launched(client, "say")
    _ = ended(client, run)

    refused = client.post(f"{RUNS}/{run}/resume", json={})

    assert (refused.status_code, refused.json()["code"]) == (409, "run_launched")
    assert ended(client, run)[0] == "completed"


def test_a_killed_command_is_a_failure(client: httpx.Client, server: Server) -> None:
    run = launched(client, "long")
    begun(client, run)

    os.kill(pid_of(server, run), signal.SIGKILL)

    assert ended(client, run) == ("failed", "ended by signal 9: begun")


def test_a_killed_runner_takes_its_command_along_and_the_run_is_lost(
    client: httpx.Client, server: Server
) -> None:
    run = launched(client, "long")
    begun(client, run)
    family = [runner_of(server, run), psutil.Process(pid_of(server, run))]
    family += family[1].children(recursive=True)

    family[0].kill()

    assert ended(client, run) == ("lost", "its runner was killed, so the training was ended")
    _, alive = psutil.wait_procs(family, timeout=10)
    assert [each for each in alive if each.status() != psutil.STATUS_ZOMBIE] == []


def test_the_next_attempt_finds_what_the_last_one_kept(client: httpx.Client) -> None:
    run = launched(client, "again")
    _ = ended(client, run)
    early = client.post(f"{RUNS}/{launched(client, 'say')}/relaunch")

    again = client.post(f"{RUNS}/{run}/relaunch").json()
    _ = ended(client, run)

    assert (again["id"], again["attempt"], again["status"]) == (run, 2, "queued")
    assert lines(client, run) == ["one"]
    assert early.status_code in {200, 409}


def test_a_deleted_run_ends(client: httpx.Client, server: Server) -> None:
    run = launched(client, "long")
    begun(client, run)
    process = psutil.Process(pid_of(server, run))

    _ = client.delete(f"{RUNS}/{run}")

    _, alive = psutil.wait_procs([process], timeout=10)
    assert alive == []
    body = {"action": "purge", "runs": [run]}
    assert client.post(f"{RUNS}/bulk", json=body).json()["done"] == [run]
    assert not (server.home / "runs" / run).exists()


def test_a_built_in_trainer_is_launched_by_its_model_type(client: httpx.Client) -> None:
    config = {"dataset": "iris", "iterations": 5}
    body = {"name": "seed", "model_type": "gradient_boosting", "config": config}
    run = client.post(RUNS, json=body).json()
    own = client.post(RUNS, json={**body, "launch": None}).json()
    wrong = client.post(RUNS, json={**body, "config": {**config, "iterations": -1}})

    assert (run["status"], own["status"]) == ("queued", "running")
    assert run["launch"]["trainer"] == "gradient_boosting"
    assert (wrong.status_code, wrong.json()["fields"][0]["path"]) == (
        422,
        "$.launch.params.iterations",
    )
    assert ended(client, run["id"])[0] == "completed"
    [made] = client.get(f"{RUNS}/{run['id']}/models").json()["items"]
    assert made["version"]["training_run_id"] == run["id"]


@pytest.mark.parametrize(
    "launch",
    [
        {"kind": "entrypoint", "entrypoint": "rm -rf /"},
        {"kind": "entrypoint", "entrypoint": "say", "args": ["x"] * 1000},
        {"kind": "trainer", "trainer": "nobody", "dataset": "iris"},
        {"kind": "shell", "command": "ls"},
        {"kind": "entrypoint", "entrypoint": "say", "command": "ls"},
        {"kind": "entrypoint", "entrypoint": "say", "args": ["a\0b"]},
    ],
)
def test_what_cannot_be_launched_is_422_and_makes_no_run(
    client: httpx.Client, launch: dict[str, Any]
) -> None:
    before = client.get(RUNS).json()["total"]

    answer = client.post(RUNS, json={"name": "x", "launch": launch})

    assert answer.status_code == 422
    assert client.get(RUNS).json()["total"] == before


def test_a_launched_run_gets_a_token_that_ends_with_it(
    client: httpx.Client, server: Server
) -> None:
    run = launched(client, "long")
    begun(client, run)
    token = psutil.Process(pid_of(server, run)).environ()["AXON_TOKEN"]
    headers = {"authorization": f"Bearer {token}"}

    during = httpx.get(f"{server.url}{RUNS}/{run}", headers=headers).status_code
    _ = client.post(f"{RUNS}/{run}/stop")
    _ = ended(client, run)
    deadline = time.monotonic() + 5
    while httpx.get(f"{server.url}{RUNS}/{run}", headers=headers).status_code == 200:
        assert time.monotonic() < deadline, "the token is still good"

    assert during == 200


def test_a_job_sees_nothing_of_the_server_that_it_does_not_need(tmp_path: Path) -> None:
    _ = (tmp_path / "config.toml").write_text(
        CONFIG.replace("[launch]", '[launch]\nenv = ["MY_*"]')
    )
    secrets = {"AXONML_AUTH_IDLE_DAYS": "6", "AWS_SECRET_ACCESS_KEY": "s", "MY_DATA": "/data"}
    with (
        running(tmp_path, AXON_TOKEN="operator", OMP_NUM_THREADS="1", **secrets) as server,
        server.client() as client,
    ):
        run = launched(client, "long")
        begun(client, run)

        command = psutil.Process(pid_of(server, run)).environ()
        runner = runner_of(server, run).environ()

    assert command["MY_DATA"] == runner["MY_DATA"] == "/data"
    assert command["OMP_NUM_THREADS"] == "1"
    assert command["AXON_TOKEN"].startswith("axon_pat_")
    assert secrets.keys() & command.keys() == secrets.keys() & runner.keys() == {"MY_DATA"}
    assert "operator" not in {*command.values(), *runner.values()}
    assert "AXON_TOKEN" not in (server.home / "runs" / run / "job.json").read_text()


def test_a_silent_script_is_lost_until_it_speaks(client: httpx.Client) -> None:
    run = client.post(RUNS, json={"name": "script"}).json()["id"]

    assert ended(client, run) == ("lost", "nothing was heard of its script for 1 s")
    assert client.post(f"{RUNS}/{run}/heartbeat").status_code == 204

    assert client.get(f"{RUNS}/{run}").json()["status"] == "running"
    _ = client.post(f"{RUNS}/{run}/finish", json={"status": "completed"})
    assert ended(client, run)[0] == "completed"


def test_a_training_outlives_its_server(tmp_path: Path) -> None:
    _ = (tmp_path / "config.toml").write_text(CONFIG)
    script = "for i in 1 2 3 4 5 6 7 8; do echo $i; sleep 0.3; done"
    with (tmp_path / "config.toml").open("a") as config:
        _ = config.write(f"count = ['/bin/sh', '-c', '{script}']\n")
    with running(tmp_path) as server:
        with server.client() as client:
            run = launched(client, "count")
            begun(client, run)
        server.kill()
        server.start()
        with server.client() as client:
            assert ended(client, run) == ("completed", "")
            assert lines(client, run) == [str(i) for i in range(1, 9)]


def test_what_is_configured_no_more_is_started_no_more(tmp_path: Path) -> None:
    # A program of that name is on every PATH; it must not stand in for the command.
    _ = (tmp_path / "config.toml").write_text(
        CONFIG.replace("max_parallel = 2", "max_parallel = 1") + 'echo = ["/bin/sleep"]\n'
    )
    with running(tmp_path) as server:
        with server.client() as client:
            ended_run, going = launched(client, "echo", "0"), launched(client, "long")
            begun(client, going)
            waiting = launched(client, "echo", "mine")
            assert ended(client, ended_run) == ("completed", "")
        server.kill()
        _ = (tmp_path / "config.toml").write_text(CONFIG)
        server.start()
        with server.client() as client:
            again = client.post(f"{RUNS}/{ended_run}/relaunch")
            anew = client.post(f"{RUNS}/{ended_run}/rerun", json={})
            _ = client.post(f"{RUNS}/{going}/stop")

            gone = "[launch] entrypoints in config.toml has no echo any more"
            assert (again.status_code, again.json()["detail"]) == (409, gone)
            assert (anew.status_code, anew.json()["detail"]) == (409, gone)
            assert ended(client, waiting) == ("failed", f"cannot start: {gone}")
            assert lines(client, waiting) == []


@pytest.mark.parametrize(
    "launch",
    [
        "max_parallel = 0",
        "grace_s = -1",
        "grace_s = nan",
        "entrypoints = {empty = []}",
        'env = ["AXONML_STORAGE_URL"]',
    ],
)
def test_a_configuration_that_cannot_launch_stops_the_start(tmp_path: Path, launch: str) -> None:
    _ = (tmp_path / "config.toml").write_text(f"[launch]\n{launch}\n")

    with pytest.raises(StartupError, match=r"\$\.launch"):
        _ = load(tmp_path)
