"""A launched run once more, against the real server."""

from collections.abc import Generator
from typing import Any

import httpx
import pytest
from launching import RUNS, ended, launched, lines
from product import Server, running

from axonml.ids import new_id

CONFIG = """
[launch.entrypoints]
say = ["/bin/sh", "-c", "echo $0 $AXON_CONFIG"]
"""
TRAINER = {"name": "t", "model_type": "sklearn", "config": {"dataset": "iris", "seed": 4}}


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Generator[Server]:
    home = tmp_path_factory.mktemp("home")
    _ = (home / "config.toml").write_text(CONFIG)
    with running(home) as started:
        yield started


@pytest.fixture
def client(server: Server) -> Generator[httpx.Client]:
    with server.client() as found:
        yield found


def again(client: httpx.Client, run: str, **changes: Any) -> httpx.Response:
    return client.post(f"{RUNS}/{run}/rerun", json=changes)


def test_the_same_is_launched_again_as_a_new_run(client: httpx.Client) -> None:
    first = launched(client, "say", "you", tags=["a"], group="g", project="p", config={"lr": 1})

    answer = again(client, first)

    new = answer.json()
    old = client.get(f"{RUNS}/{first}").json()
    same = ("name", "project", "tags", "group", "launch", "config", "visibility")
    assert answer.status_code == 201
    assert new["id"] != first
    assert {key: new[key] for key in same} == {key: old[key] for key in same}
    assert ended(client, new["id"]) == ended(client, first) == ("completed", "")
    assert lines(client, new["id"]) == lines(client, first) == ['you {"lr":1}']


def test_a_script_is_launched_with_changes(client: httpx.Client) -> None:
    first = launched(client, "say", "you", config={"lr": 1, "depth": 2})

    new = again(client, first, name="other", args=["me"], config={"lr": 3}).json()

    assert ended(client, new["id"]) == ("completed", "")
    assert lines(client, new["id"]) == ['me {"lr":3,"depth":2}']
    assert (new["name"], new["config"]["lr"], new["config"]["args"]) == ("other", 3, ["me"])


def test_a_trainer_is_launched_with_changes(client: httpx.Client) -> None:
    first = client.post(RUNS, json=TRAINER).json()

    new = again(client, first["id"], dataset="wine", params={"seed": 5}).json()

    assert new["launch"] == {
        **first["launch"],
        "dataset": "wine",
        "params": {**first["launch"]["params"], "seed": 5},
    }
    assert new["config"] == {"dataset": "wine", **new["launch"]["params"]}
    assert ended(client, new["id"])[0] == ended(client, first["id"])[0] == "completed"


@pytest.mark.parametrize(
    ("kind", "changes", "path"),
    [
        ("trainer", {"params": {"seed": -1}}, "$.launch.params.seed"),
        ("trainer", {"params": {"sed": 1}}, "$.launch.params.sed"),
        ("trainer", {"dataset": "nothing"}, "$.launch.dataset"),
        ("trainer", {"args": ["x"]}, "$.args"),
        ("trainer", {"config": {"seed": 1}}, "$.config"),
        ("script", {"params": {"lr": 1}}, "$.params"),
        ("script", {"dataset": "iris"}, "$.dataset"),
        ("script", {"command": "ls"}, "$.command"),
    ],
)
def test_what_cannot_be_changed_is_422_and_makes_no_run(
    client: httpx.Client, kind: str, changes: dict[str, Any], path: str
) -> None:
    run = client.post(RUNS, json=TRAINER).json()["id"]
    run = run if kind == "trainer" else launched(client, "say")
    before = client.get(RUNS).json()["total"]

    answer = again(client, run, **changes)

    assert answer.status_code == 422
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["fields"][0]["path"] == path
    assert client.get(RUNS).json()["total"] == before


def test_a_run_that_is_not_there_or_was_not_launched_is_refused(client: httpx.Client) -> None:
    own = client.post(RUNS, json={"name": "own"}).json()["id"]
    deleted = launched(client, "say")
    _ = client.delete(f"{RUNS}/{deleted}")

    unknown, gone, not_launched = (again(client, each) for each in (new_id(), deleted, own))

    answers = [(each.status_code, each.json()["code"]) for each in (unknown, gone, not_launched)]
    assert answers == [(404, "run_not_found"), (404, "run_not_found"), (409, "not_launched")]
