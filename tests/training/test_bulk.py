"""One action on many runs: each alone, with the caller's rights."""

from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from listed import CALLER, OTHER, a_run, add
from product import running

from axonml.errors import Invalid
from axonml.ids import new_id
from axonml.live import Live
from axonml.storage.protocols import Storage
from axonml.training.bulk import Bulk, BulkAction
from axonml.training.runs import Runs
from axonml.training.store import RunStore
from axonml.training.trash import Trash
from axonml.training.types import RunStatus

RUNS = "/api/training/runs"


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[httpx.Client]:
    with running(tmp_path_factory.mktemp("home")) as server, server.client() as client:
        yield client


def some_runs(client: httpx.Client, n: int, **fields: Any) -> list[str]:
    return [str(client.post(RUNS, json={"name": f"r{i}", **fields}).json()["id"]) for i in range(n)]


def act(client: httpx.Client, action: str, runs: list[str], **fields: str) -> dict[str, Any]:
    answer = client.post(f"{RUNS}/bulk", json={"action": action, "runs": runs, **fields})
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


def test_every_action_does_what_it_says(client: httpx.Client) -> None:
    runs = some_runs(client, 3, tags=["old"])

    def field(name: str) -> list[Any]:
        return [client.get(f"{RUNS}/{run}").json().get(name) for run in runs]

    assert act(client, "tag", runs, value="new") == {"done": runs, "failed": []}
    assert act(client, "tag", runs, value="new")["done"] == runs
    assert field("tags") == [["old", "new"]] * 3
    _ = act(client, "untag", runs, value="old")
    assert field("tags") == [["new"]] * 3
    _ = act(client, "move", runs, value="elsewhere")
    assert field("project") == ["elsewhere"] * 3
    _ = act(client, "group", runs, value="sweep")
    assert field("group") == ["sweep"] * 3
    _ = act(client, "group", runs, value="")
    assert field("group") == [""] * 3
    _ = act(client, "stop", runs)
    assert field("status") == ["stopping"] * 3
    _ = act(client, "delete", runs)
    assert field("id") == [None] * 3
    assert act(client, "tag", runs, value="x")["failed"][0]["code"] == "run_deleted"
    _ = act(client, "restore", runs)
    assert field("id") == runs
    _ = act(client, "purge", runs)
    assert act(client, "restore", runs)["failed"][0]["code"] == "run_not_found"


def test_one_that_is_refused_does_not_hold_up_the_others(client: httpx.Client) -> None:
    first, ended, last = some_runs(client, 3)
    _ = client.post(f"{RUNS}/{ended}/finish", json={"status": "completed"})
    missing = new_id()

    answer = act(client, "stop", [first, missing, ended, last, first])

    assert answer["done"] == [first, last]
    assert [(each["id"], each["code"]) for each in answer["failed"]] == [
        (missing, "run_not_found"),
        (ended, "run_ended"),
    ]
    assert all(each["detail"] for each in answer["failed"])


@pytest.mark.parametrize(
    "body",
    [
        {"action": "explode", "runs": []},
        {"action": "tag", "runs": []},
        {"action": "tag", "runs": [], "value": "x" * 65},
        {"action": "move", "runs": [], "value": "  "},
        {"action": "stop", "runs": ["'; DROP TABLE run_row"]},
        {"action": "stop", "runs": [new_id()] * 10_001},
        {"action": "tag", "runs": [], "value": "a\u0000b"},
        {"runs": []},
    ],
)
def test_a_bad_request_is_refused_whole(client: httpx.Client, body: dict[str, Any]) -> None:
    answer = client.post(f"{RUNS}/bulk", json=body)

    assert answer.status_code == 422
    assert answer.json()["detail"]


def a_bulk(storage: Storage) -> Bulk:
    store, live = RunStore(storage.documents), Live()
    trash = Trash(storage.documents, store, storage.series, live, 7)
    return Bulk(Runs(store, storage.series, live), trash)


@pytest.mark.anyio
async def test_runs_of_others_are_left_alone(storage: Storage) -> None:
    mine = await add(storage, a_run())
    private = await add(storage, a_run(user_id=OTHER))
    shared = await add(storage, a_run(user_id=OTHER, visibility="team"))
    runs = (mine.id, private.id, shared.id)

    for action in ("tag", "delete", "purge", "restore", "move"):
        answer = await a_bulk(storage).act(
            CALLER, BulkAction(action=action, runs=runs[1:], value="v")
        )
        assert [each.code for each in answer.failed] == ["run_not_found", "forbidden"]

    stored = await RunStore(storage.documents).runs.find("ORDER BY id")
    assert stored == sorted((mine, private, shared), key=lambda run: run.id)


@pytest.mark.anyio
async def test_a_run_has_no_more_tags_than_it_may(storage: Storage) -> None:
    full = await add(storage, a_run(tags=tuple(f"t{i}" for i in range(64))))

    answer = await a_bulk(storage).act(
        CALLER, BulkAction(action="tag", runs=(full.id,), value="more")
    )

    assert [each.code for each in answer.failed] == ["invalid"]
    with pytest.raises(Invalid):
        _ = await a_bulk(storage).act(CALLER, BulkAction(action="tag", runs=(), value=""))


@pytest.mark.anyio
async def test_a_thousand_runs_take_one_call(storage: Storage) -> None:
    runs = [await add(storage, a_run(status=RunStatus.RUNNING)) for _ in range(1000)]

    answer = await a_bulk(storage).act(
        CALLER, BulkAction(action="delete", runs=tuple(run.id for run in runs))
    )

    assert (len(answer.done), answer.failed) == (1000, [])


def test_what_was_tagged_is_found_by_its_tag(client: httpx.Client) -> None:
    runs = some_runs(client, 200)

    assert act(client, "tag", runs, value="many")["failed"] == []
    assert client.get(RUNS, params={"filter": "tag = many"}).json()["total"] == 200
