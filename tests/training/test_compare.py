"""Runs side by side: what a page gets that compares up to a hundred of them."""

from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from product import Server, running

from axonml.ids import new_id


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    home = tmp_path_factory.mktemp("home")
    with running(home, AXONML_AUTH_REGISTRATION="open") as server:
        yield server


@pytest.fixture(scope="module")
def client(server: Server) -> Iterator[httpx.Client]:
    with server.client() as client:
        yield client


def a_run(client: httpx.Client, **fields: Any) -> str:
    answer = client.post("/api/training/runs", json={"name": "mlp", **fields})
    assert answer.status_code == 201, answer.text
    return str(answer.json()["id"])


def log(client: httpx.Client, run: str, *rows: dict[str, Any]) -> None:
    metrics = [{"step": step, **row} for step, row in enumerate(rows)]
    answer = client.post(f"/api/training/runs/{run}/metrics", json={"metrics": metrics})
    assert answer.status_code == 202, answer.text


def compare(client: httpx.Client, **body: Any) -> dict[str, Any]:
    answer = client.post("/api/training/runs/compare", json=body)
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


def key(found: dict[str, Any], space: str, name: str) -> dict[str, Any]:
    (row,) = [k for k in found["keys"] if (k["space"], k["key"]) == (space, name)]
    return dict(row)


def test_runs_come_in_the_order_asked_for_each_once(client: httpx.Client) -> None:
    first, second = a_run(client, name="one"), a_run(client, name="two")

    found = compare(client, runs=[second, first, second])

    assert [(run["id"], run["name"]) for run in found["runs"]] == [(second, "two"), (first, "one")]
    assert found["missing"] == []


def test_keys_that_differ_come_first_and_say_so(client: httpx.Client) -> None:
    base = {"optimizer": {"name": "adam", "lr": 0.1}, "epochs": 3}
    other = {"optimizer": {"name": "adam", "lr": 0.2}, "epochs": 3, "layers": [64, 32]}
    runs = [a_run(client, config=base), a_run(client, config=other)]

    found = compare(client, runs=runs)

    config = [
        (k["key"], k["differs"], k["values"]) for k in found["keys"] if k["space"] == "config"
    ]
    assert config == [
        ("optimizer.lr", True, [0.1, 0.2]),
        ("layers", True, [None, "[64,32]"]),
        ("optimizer.name", False, ["adam", "adam"]),
        ("epochs", False, [3, 3]),
    ]


def test_true_and_one_are_two_values_and_one_and_one_point_zero_are_not(
    client: httpx.Client,
) -> None:
    runs = [
        a_run(client, config={"flag": True, "n": 1}),
        a_run(client, config={"flag": 1, "n": 1.0}),
    ]

    found = compare(client, runs=runs)

    assert key(found, "config", "flag")["differs"]
    assert not key(found, "config", "n")["differs"]


def test_tags_with_a_value_are_keys_and_the_others_stand_together(client: httpx.Client) -> None:
    runs = [a_run(client, tags=["team=vision", "old", "best"]), a_run(client, tags=["team:nlp"])]

    found = compare(client, runs=runs)

    assert key(found, "tags", "team")["values"] == ["vision", "nlp"]
    assert key(found, "tags", "tags")["values"] == ["best old", None]


def test_what_was_launched_is_compared_and_its_parameters_once(client: httpx.Client) -> None:
    launch = {"kind": "trainer", "trainer": "sklearn", "dataset": "iris", "params": {"c": 2.0}}
    launched, own = a_run(client, launch=launch), a_run(client)

    found = compare(client, runs=[launched, own])

    kinds = [(k["key"], k["values"]) for k in found["keys"] if k["space"] == "launch"]
    assert kinds == [
        ("kind", ["trainer", None]),
        ("trainer", ["sklearn", None]),
        ("dataset", ["iris", None]),
    ]


def test_metrics_have_last_lowest_and_highest_of_each_run(client: httpx.Client) -> None:
    runs = [a_run(client), a_run(client)]
    log(client, runs[0], {"loss": 3.0}, {"loss": 1.0}, {"loss": "NaN"})
    log(client, runs[1], {"acc": 0.5})

    found = compare(client, runs=runs)

    assert found["metrics"] == [
        {
            "name": "acc",
            "value": [None, 0.5],
            "lowest": [None, 0.5],
            "highest": [None, 0.5],
            "last_step": [None, 0],
        },
        {
            "name": "loss",
            "value": ["NaN", None],
            "lowest": [1.0, None],
            "highest": [3.0, None],
            "last_step": [2, None],
        },
    ]


def test_a_filter_chooses_the_newest_and_counts_all(client: httpx.Client) -> None:
    ids = [a_run(client, project="many", config={"i": i}) for i in range(103)]

    found = compare(client, filter='project = "many"')

    assert found["total"] == 103
    assert [run["id"] for run in found["runs"]] == ids[:2:-1]


def test_runs_that_are_gone_or_never_were_are_named_and_the_rest_is_compared(
    client: httpx.Client,
) -> None:
    kept, gone, never = a_run(client), a_run(client), new_id()
    _ = client.delete(f"/api/training/runs/{gone}")

    found = compare(client, runs=[gone, kept, never, "no id at all"])

    assert [run["id"] for run in found["runs"]] == [kept]
    assert found["missing"] == [gone, never, "no id at all"]


def test_a_private_run_of_somebody_else_is_missing_like_one_that_never_was(
    server: Server, client: httpx.Client
) -> None:
    private = a_run(client, visibility="private")
    shared = a_run(client, visibility="team")
    account = {"email": "bob@example.org", "password": "correct horse battery"}
    made = client.post("/api/auth/register", json={**account, "name": "Bob"})
    assert made.status_code == 201, made.text
    token = client.post("/api/auth/login", json=account).json()["token"]

    with server.client(token) as member:
        found = compare(member, runs=[private, shared])

    assert ([run["id"] for run in found["runs"]], found["missing"]) == ([shared], [private])


def test_without_runs_and_filter_it_says_what_to_send(client: httpx.Client) -> None:
    answer = client.post("/api/training/runs/compare", json={})

    assert answer.status_code == 422
    assert "`runs`" in answer.json()["detail"]


def test_a_filter_that_cannot_be_read_is_pointed_at(client: httpx.Client) -> None:
    answer = client.post("/api/training/runs/compare", json={"filter": "config.lr >"})

    assert answer.status_code == 422
    assert (answer.json()["code"], answer.json()["position"]) == ("filter_invalid", 11)


def test_more_than_a_hundred_runs_are_refused(client: httpx.Client) -> None:
    answer = client.post("/api/training/runs/compare", json={"runs": ["x"] * 101})

    assert answer.status_code == 422
