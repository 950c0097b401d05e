"""Projects: counted, renamed and set by name, whatever is in the name."""

from collections.abc import Iterator
from typing import Any
from urllib.parse import quote

import httpx
import pytest
from listed import ADMIN, CALLER, OTHER, STRANGER, a_listing, a_run, add
from product import running

from axonml.errors import Forbidden, NotFound
from axonml.live import Live
from axonml.storage.protocols import Storage
from axonml.training.bulk import Bulk
from axonml.training.projects import ProjectChange, Projects
from axonml.training.runs import Runs
from axonml.training.store import RunStore
from axonml.training.trash import Trash
from axonml.training.types import RunStatus

RUNS, PROJECTS = "/api/training/runs", "/api/training/projects"


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[httpx.Client]:
    with running(tmp_path_factory.mktemp("home")) as server, server.client() as client:
        yield client


@pytest.mark.parametrize("name", ["plain", "with/slash", "ümläut 🙂", "50% off?", "a&b=c#d"])
def test_a_project_of_any_name_is_found_set_and_renamed(client: httpx.Client, name: str) -> None:
    run = client.post(RUNS, json={"name": "r", "project": name}).json()["id"]
    path = f"{PROJECTS}/{quote(name, safe='')}"

    found = client.get(path).json()
    kept = client.put(path, json={"retention_days": 30}).json()
    moved = client.patch(path, json={"name": f"new {name}"}).json()

    assert (found["name"], found["n_runs"], found["by_status"]) == (name, 1, {"running": 1})
    assert kept["retention_days"] == 30
    assert moved == {"done": [run], "failed": []}
    assert client.get(f"{RUNS}/{run}").json()["project"] == f"new {name}"
    assert client.get(path).status_code == 404


@pytest.mark.parametrize(
    "body", [{"retention_days": 0}, {"retention_days": 1e9}, {"retention_days": "x"}, {"a": 1}]
)
def test_a_bad_setting_is_refused(client: httpx.Client, body: dict[str, Any]) -> None:
    _ = client.post(RUNS, json={"name": "r", "project": "set"})

    assert client.put(f"{PROJECTS}/set", json=body).status_code == 422
    assert client.put(f"{PROJECTS}/none", json={"retention_days": 3}).status_code == 404
    assert client.put(f"{PROJECTS}/set", json={"retention_days": 3}).status_code == 200
    assert client.put(f"{PROJECTS}/set", json={"retention_days": None}).status_code == 200
    listed = {each["name"]: each for each in client.get(PROJECTS).json()["items"]}
    assert listed["set"]["retention_days"] is None


def the_projects(storage: Storage) -> Projects:
    store, live = RunStore(storage.documents), Live()
    runs = Runs(store, storage.series, live)
    bulk = Bulk(runs, Trash(storage.documents, store, storage.series, live, 7))
    return Projects(storage.documents, a_listing(storage), bulk)


@pytest.mark.anyio
async def test_private_runs_of_others_are_neither_counted_nor_moved(storage: Storage) -> None:
    projects = the_projects(storage)
    _ = await add(storage, a_run(project="p"))
    _ = await add(storage, a_run(project="p", status=RunStatus.FAILED))
    theirs = await add(storage, a_run(project="p", user_id=OTHER))
    shared = await add(storage, a_run(project="p", user_id=OTHER, visibility="team"))
    _ = await add(storage, a_run(project="hidden", user_id=OTHER))

    listed = [(each.name, each.n_runs) for each in await projects.all(CALLER)]
    moved = await projects.rename(CALLER, "p", "q")

    assert listed == [("p", 3)]
    assert len(moved.done) == 2
    assert [(each.id, each.code) for each in moved.failed] == [(shared.id, "forbidden")]
    assert (await RunStore(storage.documents).runs.require(theirs.id)).project == "p"
    with pytest.raises(NotFound):
        _ = await projects.one(CALLER, "hidden")
    assert [each.name for each in await projects.all(STRANGER)] == ["hidden", "p"]


@pytest.mark.anyio
async def test_only_an_admin_sets_how_long_points_are_kept(storage: Storage) -> None:
    projects = the_projects(storage)
    _ = await add(storage, a_run(project="p"))

    with pytest.raises(Forbidden):
        _ = await projects.set(CALLER, "p", ProjectChange(retention_days=1))
    assert (await projects.set(ADMIN, "p", ProjectChange(retention_days=1))).retention_days == 1


@pytest.mark.anyio
async def test_a_project_of_thousands_is_renamed_whole(storage: Storage) -> None:
    for _ in range(1100):
        _ = await add(storage, a_run(project="big"))

    moved = await the_projects(storage).rename(CALLER, "big", "new")

    assert len(moved.done) == 1100
    assert [each.name for each in await the_projects(storage).all(CALLER)] == ["new"]
