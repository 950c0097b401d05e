"""Deleted runs: hidden everywhere, restored whole, purged in time."""

import asyncio
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import msgspec
import pytest
from listed import ADMIN, CALLER, STRANGER, a_listing, a_run, add
from product import Server, running

from axonml.clock import now
from axonml.errors import Forbidden, Gone, NotFound
from axonml.http.caller import Caller, Role
from axonml.ids import RunId, UserId, new_id
from axonml.live import Live
from axonml.storage.protocols import Storage
from axonml.training.listing import Wanted
from axonml.training.runs import Runs
from axonml.training.store import RunStore
from axonml.training.trash import Purge, Trash
from axonml.training.types import NewRun, Run

RUNS = "/api/training/runs"


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with running(tmp_path_factory.mktemp("home")) as server:
        yield server


@pytest.fixture(scope="module")
def client(server: Server) -> Iterator[httpx.Client]:
    with server.client() as client:
        yield client


def a_logged_run(client: httpx.Client, **fields: Any) -> str:
    run = str(client.post(RUNS, json={"name": "mlp", **fields}).json()["id"])
    rows = [{"step": step, "loss": 1.0 / step} for step in (1, 2, 4)]
    assert client.post(f"{RUNS}/{run}/metrics", json={"metrics": rows}).status_code == 202
    return run


def ids(client: httpx.Client, **query: Any) -> list[str]:
    page = client.get(RUNS, params={"limit": 1000, **query}).json()
    assert page["total"] == len(page["items"])
    return [run["id"] for run in page["items"]]


def test_a_deleted_run_is_in_the_trash_and_nowhere_else(client: httpx.Client) -> None:
    run = a_logged_run(client, project="trashed", config={"only": 1})

    deleted = [client.delete(f"{RUNS}/{run}").status_code for _ in range(2)]

    assert deleted == [204, 204]
    assert run not in ids(client)
    assert run in ids(client, deleted="true")
    for path in ("", "/metrics", "/series", "/logs"):
        assert client.get(f"{RUNS}/{run}{path}").status_code == 404
    assert ids(client, filter="config.only exists") == []
    assert "only" not in client.get(f"{RUNS}/columns").text
    assert "trashed" not in client.get("/api/training/projects").text
    assert client.get(f"{RUNS}/groups", params={"by": "config.only"}).json()["total"] <= 1


def test_a_script_that_logs_to_a_deleted_run_is_told_so(client: httpx.Client) -> None:
    run = a_logged_run(client)
    _ = client.delete(f"{RUNS}/{run}")

    for path, body in (
        ("metrics", {"metrics": [{"step": 9, "loss": 1}]}),
        ("log", {"message": "still here"}),
        ("finish", {"status": "completed"}),
        ("stop", {}),
    ):
        answer = client.post(f"{RUNS}/{run}/{path}", json=body)
        assert (answer.status_code, answer.json()["code"]) == (410, "run_deleted"), path
        assert "restore" in answer.json()["detail"]
    again = client.post(RUNS, json={"name": "mlp", "id": run})
    assert again.status_code == 410


def test_a_restored_run_is_whole_and_goes_on(client: httpx.Client) -> None:
    run = a_logged_run(client, tags=["kept"])
    before = client.get(f"{RUNS}/{run}/metrics").json()
    _ = client.delete(f"{RUNS}/{run}")

    restored = client.post(f"{RUNS}/{run}/restore")
    more = client.post(f"{RUNS}/{run}/metrics", json={"metrics": [{"step": 8, "loss": 0.1}]})

    assert (restored.status_code, restored.json()["deleted_at"]) == (200, None)
    assert more.status_code == 202
    rows = client.get(f"{RUNS}/{run}/metrics").json()
    assert rows["items"][:3] == before["items"]
    assert len(rows["items"]) == 4
    assert run in ids(client, filter="tag = kept")


def test_what_is_not_there_is_neither_deleted_nor_restored(client: httpx.Client) -> None:
    assert client.delete(f"{RUNS}/{new_id()}").status_code == 404
    assert client.post(f"{RUNS}/{new_id()}/restore").status_code == 404


def a_trash(storage: Storage, days: int = 7, *purges: Purge) -> Trash:
    store = RunStore(storage.documents)
    return Trash(storage.documents, store, storage.series, Live(), days, purges)


def an_old_deleted_run(days: int) -> Run:
    return a_run(deleted_at=now() - timedelta(days=days, seconds=1))


@pytest.mark.anyio
async def test_only_what_lay_in_the_trash_for_its_days_is_purged(storage: Storage) -> None:
    freed: list[str] = []

    async def free(run: RunId) -> None:
        freed.append(run)

    old = await add(storage, an_old_deleted_run(7), loss=1.0)
    young = await add(storage, an_old_deleted_run(6), loss=1.0)
    kept = await add(storage, a_run(), loss=1.0)

    n_runs = await a_trash(storage, 7, free).purge_old()

    runs = RunStore(storage.documents).runs
    assert (n_runs, freed) == (1, [old.id])
    assert await runs.get(old.id) is None
    assert await runs.get(young.id) is not None
    assert sorted(await storage.series.info([old.id, young.id, kept.id])) == sorted(
        [young.id, kept.id]
    )


@pytest.mark.anyio
async def test_a_purge_that_was_cut_short_is_finished_by_the_next(storage: Storage) -> None:
    run = await add(storage, an_old_deleted_run(9), loss=1.0)

    async def fails(_: RunId) -> None:
        await asyncio.sleep(0)
        raise OSError

    with pytest.raises(OSError):
        _ = await a_trash(storage, 7, fails).purge_old()
    assert await RunStore(storage.documents).runs.get(run.id) is not None

    assert await a_trash(storage).purge_old() == 1
    assert await storage.series.info([run.id]) == {}


@pytest.mark.anyio
async def test_the_task_purges_at_the_start_of_a_server(storage: Storage) -> None:
    run = await add(storage, an_old_deleted_run(9))
    purged: asyncio.Queue[str] = asyncio.Queue()

    async def told(purging: RunId) -> None:
        await purged.put(purging)

    trash = a_trash(storage, 7, told)
    trash.open()
    async with asyncio.timeout(10):
        assert await purged.get() == run.id
    await trash.close()


@pytest.mark.anyio
async def test_only_who_may_write_a_run_deletes_or_restores_it(storage: Storage) -> None:
    trash, viewer = a_trash(storage), Caller(user_id=UserId("v"), email="v@x", role=Role.VIEWER)
    private = await add(storage, a_run())
    shared = await add(storage, a_run(visibility="team"))

    for caller, run, error in (
        (STRANGER, private, NotFound),
        (STRANGER, shared, Forbidden),
        (viewer, shared, Forbidden),
    ):
        with pytest.raises(error):
            _ = await trash.delete(caller, run.id)
        with pytest.raises(error):
            await trash.purge(caller, run.id)
    _ = await trash.delete(CALLER, shared.id)
    _ = await trash.delete(ADMIN, private.id)

    async def trashed(caller: Caller) -> int:
        page = await a_listing(storage).page(caller, Wanted(is_deleted=True), "name", None, 9)
        return page.total

    assert [await trashed(caller) for caller in (CALLER, STRANGER, ADMIN)] == [2, 0, 2]


@pytest.mark.anyio
async def test_the_id_of_a_deleted_run_is_not_used_again(storage: Storage) -> None:
    run = await add(storage, a_run())
    runs = Runs(RunStore(storage.documents), storage.series, Live())
    _ = await a_trash(storage).delete(CALLER, run.id)

    with pytest.raises(Gone):
        _ = await runs.create(CALLER, NewRun(name="again", id=run.id))


def test_a_deleted_run_is_still_there_after_a_restart(tmp_path: Path) -> None:
    with running(tmp_path) as server, server.client() as client:
        token = client.headers["authorization"].removeprefix("Bearer ")
        run = a_logged_run(client)
        _ = client.delete(f"{RUNS}/{run}")
    with running(tmp_path) as server, server.client(token) as client:
        assert ids(client, deleted="true") == [run]
        assert client.post(f"{RUNS}/{run}/restore").json()["summary"] is not None
        assert client.get(f"{RUNS}/{run}").json()["summary"] == {"loss": 0.25}


def test_a_run_says_when_it_was_deleted() -> None:
    assert msgspec.json.decode(msgspec.json.encode(an_old_deleted_run(1)), type=Run).deleted_at
