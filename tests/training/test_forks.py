"""Runs that go on: what a script and a page get from resume and fork, over the real server."""

from collections.abc import Iterator
from typing import Any

import httpx
import numpy as np
import pytest
from product import Server, running

from axonml.columns import MEDIA_TYPE, Block, MetricBatch, encode_batch
from axonml.ids import new_id


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with running(tmp_path_factory.mktemp("home")) as server:
        yield server


@pytest.fixture(scope="module")
def client(server: Server) -> Iterator[httpx.Client]:
    with server.client() as client:
        yield client


def a_run(client: httpx.Client, **fields: Any) -> str:
    answer = client.post("/api/training/runs", json={"name": "mlp", **fields})
    assert answer.status_code == 201, answer.text
    return str(answer.json()["id"])


def log(client: httpx.Client, run: str, names: tuple[str, ...], steps: int) -> None:
    step = np.arange(steps)
    values = np.outer(np.arange(1.0, len(names) + 1), step).astype(np.float64)
    frame = encode_batch(MetricBatch("w", 1, steps, (Block(names, step, step * 1000, values),)))
    path = f"/api/training/runs/{run}/metrics"
    answer = client.post(path, content=frame, headers={"content-type": MEDIA_TYPE})
    assert answer.status_code == 202, answer.text


def rows(client: httpx.Client, run: str) -> list[dict[str, Any]]:
    answer = client.get(f"/api/training/runs/{run}/metrics", params={"limit": 10_000})
    return list(answer.json()["items"])


def test_a_fork_has_the_parents_history_up_to_its_step_and_outlives_it(
    client: httpx.Client,
) -> None:
    parent = a_run(client, config={"lr": 0.1}, project="forks", tags=["a"])
    log(client, parent, ("loss", "odd name/\U0001f642"), 100)
    before = rows(client, parent)

    forked = client.post(f"/api/training/runs/{parent}/fork", json={"step": 49})
    child = forked.json()
    _ = client.delete(f"/api/training/runs/{parent}")

    assert forked.status_code == 201
    assert (child["parent_id"], child["fork_step"], child["status"]) == (parent, 49, "running")
    assert (child["config"], child["project"], child["tags"]) == ({"lr": 0.1}, "forks", ["a"])
    assert child["summary"] == {"loss": 49.0, "odd name/\U0001f642": 98.0}
    assert rows(client, child["id"]) == before[:50]


def test_a_fork_of_a_long_history_is_whole(client: httpx.Client) -> None:
    parent = a_run(client)
    log(client, parent, ("a", "b", "c"), 150_000)

    child = client.post(f"/api/training/runs/{parent}/fork", json={"step": 149_998}).json()

    series = client.get(f"/api/training/runs/{child['id']}/series").json()["items"]
    assert [(s["name"], s["n_points"], s["last_step"]) for s in series] == [
        (name, 149_999, 149_998) for name in "abc"
    ]


def test_forking_again_with_the_same_id_gives_the_same_run_once(client: httpx.Client) -> None:
    parent, child = a_run(client), new_id()
    log(client, parent, ("loss",), 10)

    path, body = f"/api/training/runs/{parent}/fork", {"step": 4, "id": child}
    first, again = client.post(path, json=body), client.post(path, json=body)
    other = client.post(path, json={"step": 4, "id": parent})

    assert first.json()["id"] == again.json()["id"] == child
    assert len(rows(client, child)) == 5
    assert other.status_code == 409


def test_a_run_that_is_not_there_is_neither_forked_nor_resumed(client: httpx.Client) -> None:
    for what, body in (("fork", {"step": 1}), ("resume", {})):
        answer = client.post(f"/api/training/runs/{new_id()}/{what}", json=body)
        assert (answer.status_code, answer.json()["code"]) == (404, "run_not_found")


def test_a_resumed_run_runs_again_as_its_next_attempt(client: httpx.Client) -> None:
    run = a_run(client)
    log(client, run, ("loss",), 10)
    _ = client.post(f"/api/training/runs/{run}/finish", json={"status": "failed", "reason": "oom"})

    path = f"/api/training/runs/{run}/resume"
    first = client.post(path, json={"key": "one"}).json()
    repeat = client.post(path, json={"key": "one"}).json()
    second = client.post(path, json={"key": "two"}).json()

    assert (first["run"]["status"], first["run"]["reason"]) == ("running", "")
    assert first["run"]["completed_at"] is None
    assert first["last_step"] == 9
    assert [each["run"]["attempt"] for each in (first, repeat, second)] == [2, 2, 3]


def test_what_a_script_sets_of_the_summary_and_defines_is_added_to_what_is_there(
    client: httpx.Client,
) -> None:
    run = a_run(client, summary={"best": 1.0}, definitions={"loss": {"summary": "min"}})
    log(client, run, ("loss",), 10)

    changes = {"summary": {"other": "NaN"}, "definitions": {"acc": {"goal": "maximize"}}}
    changed = client.patch(f"/api/training/runs/{run}", json=changes).json()
    wrong = client.patch(f"/api/training/runs/{run}", json={"definitions": {"a": {"goal": "up"}}})

    assert changed["summary"] == {"loss": 0.0, "best": 1.0, "other": "NaN"}
    assert sorted(changed["definitions"]) == ["acc", "loss"]
    assert wrong.status_code == 422
    assert "$.definitions[...].goal" in wrong.text
