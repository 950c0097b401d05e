"""`python -m axonml.trainers` against the real server, as the runner starts it."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest
from product import Server, running

from axonml.ids import new_id


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with running(tmp_path_factory.mktemp("home")) as server:
        yield server


@pytest.fixture(scope="module")
def client(server: Server) -> Iterator[httpx.Client]:
    with server.client() as client:
        yield client


@contextmanager
def started(
    server: Server, *arguments: str, **environment: str
) -> Generator["subprocess.Popen[str]"]:
    token = str(server.operator()["token"])
    process = subprocess.Popen(
        [sys.executable, "-m", "axonml.trainers", *arguments],
        env={
            **os.environ,
            "AXONML_HOME": str(server.home),
            "AXON_SERVER": server.url,
            "AXON_TOKEN": token,
            **environment,
        },
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    try:
        yield process
    finally:
        process.kill()
        _ = process.communicate()


def params_file(folder: Path, **params: Any) -> str:
    path = folder / "params.json"
    _ = path.write_text(json.dumps(params))
    return str(path)


def the_run(client: httpx.Client, run_id: str) -> dict[str, Any]:
    return dict(client.get(f"/api/training/runs/{run_id}").json())


def test_a_run_trains_logs_and_leaves_a_model_that_can_be_served(
    server: Server, client: httpx.Client, tmp_path: Path
) -> None:
    run_id = new_id()
    made = client.post("/api/training/runs", json={"id": run_id, "name": "boost"})
    params = params_file(tmp_path, iterations=15, patience=0)

    with started(
        server, "gradient_boosting", "--dataset", "wine", "--params", params, AXON_RUN_ID=run_id
    ) as process:
        out, _ = process.communicate(timeout=60)

    assert made.status_code == 201
    assert process.returncode == 0, out
    run = the_run(client, run_id)
    [model] = client.get("/api/models", params={"q": "wine-gradient-boosting"}).json()["items"]
    [version] = client.get(f"/api/models/{model['id']}/versions").json()["items"]
    assert run["summary"]["final/accuracy"] == version["metrics"]["accuracy"] > 0.8
    assert (version["training_run_id"], version["servable"]) == (run_id, True)
    assert version["config"]["classes"] == ["class_0", "class_1", "class_2"]
    assert version["signature"]["inputs"] == [
        {"name": "features", "dtype": "float32", "shape": [-1, 13]}
    ]


def test_without_a_run_of_its_own_it_makes_one(server: Server, client: httpx.Client) -> None:
    with started(server, "sklearn", "--dataset", "iris", "--project", "alone") as process:
        out, _ = process.communicate(timeout=60)

    [run] = client.get("/api/training/runs", params={"project": "alone"}).json()["items"]
    assert process.returncode == 0, out
    assert (run["name"], run["status"]) == ("sklearn on iris", "completed")
    assert run["config"]["dataset"] == "iris"
    assert run["config"]["model"] == "logistic_regression"


def test_sigterm_ends_it_as_stopped_and_registers_nothing(
    server: Server, client: httpx.Client, tmp_path: Path
) -> None:
    params = params_file(tmp_path, model="sgd", epochs=1000, model_name="never")

    with started(
        server, "sklearn", "--dataset", "digits", "--params", params, "--project", "stopped"
    ) as process:
        _wait_for_points(client, "stopped")
        process.send_signal(signal.SIGTERM)
        out, _ = process.communicate(timeout=60)

    [run] = client.get("/api/training/runs", params={"project": "stopped"}).json()["items"]
    assert process.returncode == 0, out
    assert run["status"] == "stopped"
    assert client.get("/api/models", params={"q": "never"}).json()["items"] == []


def _wait_for_points(client: httpx.Client, project: str) -> None:
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline:
        runs = client.get("/api/training/runs", params={"project": project}).json()["items"]
        if runs and "val/loss" in runs[0]["summary"]:
            return
    raise AssertionError("no point came")


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (("sklearn", "--dataset", "moon"), "dataset: sklearn trains on one of"),
        (("sklearn", "--dataset", "iris", "--params", "/nowhere"), "cannot read the parameters"),
        (("sklearn", "--dataset", "iris", "--dataset-limit", "3"), "at least 40 rows"),
    ],
)
def test_what_cannot_be_trained_is_said_in_one_line(
    server: Server, arguments: tuple[str, ...], sentence: str
) -> None:
    with started(server, *arguments) as process:
        out, _ = process.communicate(timeout=60)

    assert process.returncode == 1
    assert sentence in out
    assert out.count("\n") == 1
