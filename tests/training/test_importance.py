"""Parameter importance over the real server: what it answers, and when it declines to."""

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from product import Server, running


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with running(tmp_path_factory.mktemp("home")) as server:
        yield server


@pytest.fixture(scope="module")
def client(server: Server) -> Iterator[httpx.Client]:
    with server.client() as client:
        yield client


def a_run(
    client: httpx.Client, loss: float | str | None, *, ends: bool = True, **fields: Any
) -> str:
    """Return a run that logged one loss and, where it `ends`, is completed."""
    answer = client.post("/api/training/runs", json={"name": "mlp", **fields})
    assert answer.status_code == 201, answer.text
    run = str(answer.json()["id"])
    if loss is not None:
        rows = {"metrics": [{"step": 0, "loss": 9.0}, {"step": 1, "loss": loss}]}
        assert client.post(f"/api/training/runs/{run}/metrics", json=rows).status_code == 202
    if ends:
        _ = client.post(f"/api/training/runs/{run}/finish", json={"status": "completed"})
    return run


def weigh(client: httpx.Client, **body: Any) -> httpx.Response:
    return client.post("/api/training/runs/importance", json={"target": "metrics.loss", **body})


def test_the_parameter_that_moves_the_metric_is_first(client: httpx.Client) -> None:
    pytest.importorskip("sklearn")
    runs = [
        a_run(client, float(i), config={"lr": i / 10, "seed": i * 7 % 5, "same": "x"})
        for i in range(20)
    ]

    answer = weigh(client, runs=runs)

    found = answer.json()
    assert answer.status_code == 200, answer.text
    assert [item["key"] for item in found["items"]] == ["lr", "seed"]
    assert found["items"][0]["spearman"] == pytest.approx(1)
    assert found["r2"] > 0.5
    counts = (found["n_runs"], found["n_unfinished"], found["n_without_target"], found["n_keys"])
    assert counts == (20, 0, 0, 2)


def test_runs_without_a_finite_target_or_end_are_left_out_and_counted(client: httpx.Client) -> None:
    pytest.importorskip("sklearn")
    runs = [a_run(client, i + 0.5, config={"act": "relu" if i % 2 else "gelu"}) for i in range(5)]
    runs += [a_run(client, "NaN", config={"act": "tanh"}), a_run(client, None)]
    runs += [a_run(client, 1.0, ends=False, config={"act": "tanh"})]

    found = weigh(client, runs=runs).json()

    assert (found["n_runs"], found["n_unfinished"], found["n_without_target"]) == (5, 1, 2)
    assert [(item["key"], item["kind"], item["spearman"]) for item in found["items"]] == [
        ("act", "category", None)
    ]


def test_a_filter_names_the_runs_and_the_target_may_be_the_lowest_value(
    client: httpx.Client,
) -> None:
    pytest.importorskip("sklearn")
    for i in range(4):
        _ = a_run(client, float(i), project="sweep", config={"lr": i})

    found = weigh(client, filter="project = sweep", target="metrics.loss.min").json()

    assert (found["n_runs"], found["target"]) == (4, "metrics.loss.min")


def test_three_finished_runs_are_too_few_and_it_says_so(client: httpx.Client) -> None:
    runs = [a_run(client, float(i), config={"lr": i}) for i in range(3)]
    runs.append(a_run(client, 3.0, ends=False, config={"lr": 3}))

    answer = weigh(client, runs=runs)

    assert (answer.status_code, answer.json()["code"]) == (422, "too_few_runs")
    assert answer.json()["detail"].startswith("3 of 4 runs have ended with a finite metrics.loss;")


def test_runs_that_differ_in_nothing_or_end_alike_leave_nothing_to_weigh(
    client: httpx.Client,
) -> None:
    alike = [a_run(client, float(i), config={"lr": 1}) for i in range(4)]
    level = [a_run(client, 0.5, config={"lr": i}) for i in range(4)]

    same_config, same_end = weigh(client, runs=alike), weigh(client, runs=level)

    assert same_config.status_code == same_end.status_code == 422
    assert "same configuration" in same_config.json()["detail"]
    assert "0.5 in every run" in same_end.json()["detail"]


def test_only_a_metric_can_be_explained(client: httpx.Client) -> None:
    answer = weigh(client, runs=["x"], target="config.lr")

    assert answer.status_code == 422
    assert "metrics.loss" in answer.json()["detail"]


def test_without_scikit_learn_it_says_how_to_get_it(tmp_path: Path) -> None:
    # A folder on the path whose finder knows no sklearn, as on a machine without it.
    (tmp_path / "sitecustomize.py").write_text(
        "import importlib.util as util\n"
        "find = util.find_spec\n"
        "util.find_spec = lambda name, package=None: (\n"
        "    None if name == 'sklearn' else find(name, package))\n"
    )
    path = ":".join([str(tmp_path), *(p for p in sys.path if p)])
    with running(tmp_path / "home", PYTHONPATH=path) as server, server.client() as client:
        answer = weigh(client, runs=["x"])

    assert (answer.status_code, answer.json()["code"]) == (501, "extra_missing")
    assert 'pip install "axonml-dashboard[sklearn]"' in answer.json()["detail"]
