"""The SDK against the real server: what goes wrong around a script, and what scripts do wrong."""

import math
import os
import subprocess
import sys
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from product import Server

import axonml
from axonml.client import notices, session
from axonml.client.offline import sync
from axonml.client.problems import AxonmlError
from axonml.client.run import Run
from axonml.clock import monotonic
from axonml.ids import new_id

_DEADLINE_S = 60.0


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    server = Server(tmp_path_factory.mktemp("home"))
    server.start()
    yield server
    if server.process is not None and server.process.poll() is None:
        _ = server.stop()


@pytest.fixture(scope="module")
def client(server: Server) -> Iterator[httpx.Client]:
    with server.client() as client:
        yield client


@pytest.fixture(autouse=True)
def on_its_server(server: Server, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    for name in ("AXON_SERVER", "AXON_TOKEN", "AXON_RUN_ID", "AXON_MODE", "RANK", "WORLD_SIZE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AXONML_HOME", str(server.home))
    notices._said.clear()
    yield
    session._Current.run = None


def begun(**options: Any) -> Run:
    return axonml.init("sdk", system=False, **options)


def rows_of(client: httpx.Client, run: str, **query: Any) -> list[dict[str, Any]]:
    answer = client.get(f"/api/training/runs/{run}/metrics", params={"limit": 10_000, **query})
    return list(answer.json()["items"])


def points(client: httpx.Client, run: str, name: str) -> list[tuple[int, Any]]:
    return [(row["step"], row[name]) for row in rows_of(client, run) if name in row]


def run_of(client: httpx.Client, run: str) -> dict[str, Any]:
    return dict(client.get(f"/api/training/runs/{run}").json())


def wait_for(client: httpx.Client, run: str, n_series: int) -> None:
    """Wait until the server has as many series of the run."""
    deadline = monotonic() + _DEADLINE_S
    while True:
        answer = client.get(f"/api/training/runs/{run}/series")
        if answer.status_code == 200 and len(answer.json()["items"]) >= n_series:
            return
        assert monotonic() < deadline


# ------------------------------------------------------------------ going on
def test_a_resumed_run_goes_on_after_its_last_step_as_its_next_attempt(
    client: httpx.Client,
) -> None:
    first = begun(config={"lr": 0.1}, name="resumed")
    for step in range(10):
        first.log({"loss": float(step)}, step=step)
    assert first.finish("failed", reason="out of memory")

    second = begun(id=first.id, resume="must", config={"more": 1})
    second.log({"loss": 10.0})
    assert second.finish()

    found = run_of(client, first.id)
    assert (second.id, second.name, found["name"]) == (first.id, "resumed", "resumed")
    assert (found["attempt"], found["status"], found["reason"]) == (2, "completed", "")
    assert found["config"] == {"lr": 0.1, "more": 1}
    assert points(client, first.id, "loss") == [(step, float(step)) for step in range(11)]


def test_a_script_whose_launcher_began_another_attempt_goes_on_after_the_last_step(
    client: httpx.Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    launched = begun()
    launched.log({"loss": 1.0}, step=41)
    wait_for(client, launched.id, 1)
    monkeypatch.setenv("AXON_RUN_ID", launched.id)
    monkeypatch.setenv("AXON_RESUME", "must")
    monkeypatch.setattr(session._Current, "run", None)

    script = begun()
    script.log({"loss": 2.0})
    assert script.finish()

    assert points(client, launched.id, "loss") == [(41, 1.0), (42, 2.0)]
    assert run_of(client, launched.id)["attempt"] == 1
    assert launched.finish()


def test_resume_must_needs_a_run_never_needs_none_and_allow_takes_both(
    client: httpx.Client,
) -> None:
    known, fresh = begun(), new_id()
    assert known.finish()

    with pytest.raises(AxonmlError, match="there is no run"):
        _ = begun(id=fresh, resume="must")
    with pytest.raises(AxonmlError, match="is there already, and resume is never"):
        _ = begun(id=known.id, resume="never")
    with pytest.raises(AxonmlError, match="no id says which run"):
        _ = begun(resume="must")
    allowed = begun(id=fresh, resume="allow")
    allowed.log({"loss": 1.0})

    assert allowed.finish()
    assert points(client, fresh, "loss") == [(0, 1.0)]
    assert run_of(client, fresh)["attempt"] == 1


def test_resume_without_a_server_is_an_error_where_it_must_and_a_warning_where_it_may(
    capsys: pytest.CaptureFixture[str],
) -> None:
    with pytest.raises(AxonmlError, match="no server answers"):
        _ = begun(id=new_id(), resume="must", server="http://127.0.0.1:9", token="t")

    run = begun(id=new_id(), resume="allow", server="http://127.0.0.1:9", token="t")

    assert "the steps begin at 0" in capsys.readouterr().err
    assert not run.finish(timeout_s=0)


def test_a_fork_begins_with_the_parents_history(client: httpx.Client) -> None:
    parent = begun(config={"lr": 0.1, "layers": 2})
    for step in range(100):
        parent.log({"loss": float(step)}, step=step)
    assert parent.finish()

    child = begun(fork_from=f"{parent.id}?step=49", config={"lr": 0.5})
    child.log({"loss": -1.0})
    assert child.finish()
    latest = begun(fork_from=parent.id)
    assert latest.finish()

    found = run_of(client, child.id)
    assert (found["parent_id"], found["fork_step"]) == (parent.id, 49)
    assert found["config"] == {"lr": 0.5, "layers": 2}
    assert points(client, child.id, "loss") == [
        *((step, float(step)) for step in range(50)),
        (50, -1.0),
    ]
    assert latest.step == 99
    with pytest.raises(AxonmlError, match="fork_from is"):
        _ = begun(fork_from="yesterday's run")


# ------------------------------------------------------------------ what scripts do
def test_ten_thousand_names_arrive_in_one_record_and_more_than_a_batch_takes_do_too(
    client: httpx.Client,
) -> None:
    run = begun()
    for step in range(2):
        run.log({f"layer/{i}": float(i + step) for i in range(12_000)}, step=step)
    assert run.finish()

    series = client.get(f"/api/training/runs/{run.id}/series").json()["items"]

    assert len(series) == 12_000
    assert {each["n_points"] for each in series} == {2}
    assert points(client, run.id, "layer/11999") == [(0, 11_999.0), (1, 12_000.0)]


def test_odd_names_steps_and_values_arrive_as_they_were_logged(client: httpx.Client) -> None:
    names = ["a/b/c", "with space", "\U0001f642 loss", "ümlaut", 'quo"te', "comma,name", "x" * 256]
    steps = [5, -3, 5, 0, 2**52, -(2**52), 1]
    run = begun()
    for i, step in enumerate(steps):
        run.log({name: float(i) for name in names}, step=step)
    run.log({"loss": math.nan, "up": math.inf, "down": -math.inf}, step=2)
    assert run.finish()

    series = client.get(f"/api/training/runs/{run.id}/series").json()["items"]
    expected = sorted(((step, float(i)) for i, step in enumerate(steps)), key=lambda p: p[0])
    assert sorted(each["name"] for each in series) == sorted([*names, "loss", "up", "down"])
    for name in names:
        query = {"runs": [run.id], "names": [name]}
        [found] = client.post("/api/training/metrics/query", json=query).json()["series"]
        assert list(zip(found["step"], found["value"], strict=True)) == expected
    assert run_of(client, run.id)["summary"]["loss"] == "NaN"
    assert points(client, run.id, "up") == [(2, "Infinity")]
    assert points(client, run.id, "down") == [(2, "-Infinity")]


def test_what_a_script_says_of_its_run_reaches_the_server(client: httpx.Client) -> None:
    run = begun(config={"lr": 0.1})
    run.define_metric("loss", summary="min")
    for loss in (3.0, 1.0, 2.0):
        run.log({"loss": loss, "accuracy": 1 / loss})
    run.config.epochs = 3
    run.summary["accuracy"] = 0.99
    run.alert("diverges", "the loss rose", level="WARN")
    assert run.finish()

    found = run_of(client, run.id)
    [line] = client.get(f"/api/training/runs/{run.id}/logs").json()["items"]
    assert found["config"] == {"lr": 0.1, "epochs": 3}
    assert found["summary"] == {"loss": 1.0, "accuracy": 0.99}
    assert (line["level"], line["message"]) == ("warning", "diverges: the loss rose")


# ------------------------------------------------------------------ what goes wrong around them
def test_a_run_restored_from_the_trash_gets_what_was_logged_meanwhile(
    client: httpx.Client, server: Server
) -> None:
    run = begun()
    run.log({"loss": 0.0})
    wait_for(client, run.id, 1)
    _ = client.delete(f"/api/training/runs/{run.id}")
    for step in range(1, 50):
        run.log({"loss": float(step)}, step=step)
    assert not run.finish(timeout_s=30)

    _ = client.post(f"/api/training/runs/{run.id}/restore")
    synced = list(sync(server.home))

    assert [each.problem for each in synced if each.run_id == run.id] == [""]
    assert points(client, run.id, "loss") == [(step, float(step)) for step in range(50)]


def test_a_run_deleted_while_it_logs_is_said_once_and_training_goes_on(
    client: httpx.Client, capsys: pytest.CaptureFixture[str]
) -> None:
    run = begun()
    run.log({"loss": 1.0})
    wait_for(client, run.id, 1)

    assert client.delete(f"/api/training/runs/{run.id}").status_code == 204
    for step in range(1, 200):
        run.log({"loss": float(step)}, step=step)
    is_sent = run.finish(timeout_s=30)

    said = capsys.readouterr().err
    assert not is_sent
    assert said.count("is gone from the server") == 1
    assert client.get(f"/api/training/runs/{run.id}").status_code == 404


def test_a_server_killed_while_scripts_log_has_everything_once_after_it_is_back(
    server: Server, client: httpx.Client
) -> None:
    run = begun()
    for step in range(500):
        run.log({"loss": float(step)}, step=step)
        run.log_text(f"line {step}")
    wait_for(client, run.id, 1)

    server.kill()
    for step in range(500, 1000):
        run.log({"loss": float(step)}, step=step)
        run.log_text(f"line {step}")
    server.start()

    assert run.finish()
    query = {"limit": 10_000}
    lines = client.get(f"/api/training/runs/{run.id}/logs", params=query).json()["items"]
    assert points(client, run.id, "loss") == [(step, float(step)) for step in range(1000)]
    assert [line["message"] for line in lines] == [f"line {step}" for step in range(1000)]


KILLED = """
import os, axonml
run = axonml.init("sdk", system=False)
os.write(1, f"{run.id}\\n".encode())
step = 0
while True:
    run.log({"loss": float(step)}, step=step)
    run.log_text(f"line {step}")
    os.write(1, b"%d\\n" % step)
    step += 1
"""


def test_a_script_killed_in_the_middle_has_every_point_and_line_there_once(
    server: Server, client: httpx.Client
) -> None:
    script = subprocess.Popen(
        [sys.executable, "-c", KILLED], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
    )
    assert script.stdout is not None
    run_id = script.stdout.readline().decode().strip()
    printed = b""
    while printed.count(b"\n") < 5_000:
        printed += os.read(script.stdout.fileno(), 1 << 16)
    script.kill()
    printed += script.stdout.read()
    script.stdout.close()
    _ = script.wait()

    synced = subprocess.run(
        [sys.executable, "-m", "axonml.cli", "sync"],
        env={**os.environ, "AXON_SERVER": server.url},
        capture_output=True, text=True, timeout=120, check=False,  # 1: the deleted run's stay
    )  # fmt: skip

    n_returned = printed.count(b"\n")
    lines: list[str] = []
    while page := client.get(
        f"/api/training/runs/{run_id}/logs", params={"after": len(lines), "limit": 10_000}
    ).json()["items"]:
        lines += [line["message"] for line in page]
    [series] = client.get(f"/api/training/runs/{run_id}/series").json()["items"]
    assert series["n_points"] in {n_returned, n_returned + 1}, synced.stdout
    assert lines == [f"line {step}" for step in range(len(lines))]
    assert len(lines) in {n_returned, n_returned + 1}
