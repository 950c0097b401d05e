"""Retention: old runs of a project that asks for it are thinned, all others stay whole."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

import msgspec
import numpy as np
import pytest
from listed import ADMIN, a_listing, a_run, add
from product import Server, running

from axonml.clock import now
from axonml.columns import Block, MetricBatch, encode_batch
from axonml.ids import RunId
from axonml.live import Live
from axonml.storage.protocols import Storage
from axonml.storage.pyramid import CHUNK
from axonml.training.bulk import Bulk
from axonml.training.projects import ProjectChange, Projects
from axonml.training.retention import Retention
from axonml.training.runs import Runs
from axonml.training.store import RunStore
from axonml.training.trash import Trash
from axonml.training.types import Run, RunStatus

N = 2 * CHUNK


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
    with running(tmp_path) as server:
        yield server


def a_retention(storage: Storage) -> tuple[Retention, Projects]:
    store, live = RunStore(storage.documents), Live()
    trash = Trash(storage.documents, store, storage.series, live, 7)
    projects = Projects(
        storage.documents,
        a_listing(storage),
        Bulk(Runs(store, storage.series, live), trash),
    )
    return Retention(storage.documents, store, storage.series, projects), projects


async def a_long_run(storage: Storage, project: str, ended: datetime | None) -> Run:
    status = RunStatus.RUNNING if ended is None else RunStatus.COMPLETED
    run = await add(storage, a_run(project=project, status=status, completed_at=ended))
    step = np.arange(N)
    block = Block(("loss",), step, step, np.random.default_rng(1).normal(size=(1, N)))
    batch = MetricBatch("w", 1, N, (block,))
    _ = await storage.series.append(run.id, batch, encode_batch(batch))
    return run


async def n_left(storage: Storage, run: Run) -> int:
    (found,) = await storage.series.read(run.id, ["loss"])
    return len(found.step)


@pytest.mark.anyio
async def test_only_runs_that_ended_long_ago_in_a_project_that_asks_are_thinned(
    storage: Storage,
) -> None:
    retention, projects = a_retention(storage)
    long_ago, lately = now() - timedelta(days=4), now() - timedelta(days=2)
    old = await a_long_run(storage, "p", long_ago)
    young = await a_long_run(storage, "p", lately)
    goes_on = await a_long_run(storage, "p", None)
    elsewhere = await a_long_run(storage, "q", long_ago)
    _ = await projects.set(ADMIN, "p", ProjectChange(retention_days=3))

    thinned = [await retention.thin_old(), await retention.thin_old()]

    assert thinned == [1, 0]
    assert await n_left(storage, old) < N // 8
    for run in (young, goes_on, elsewhere):
        assert await n_left(storage, run) == N
    stored = RunStore(storage.documents).runs
    assert (await stored.require(old.id)).thinned_at is not None
    assert (await stored.require(young.id)).thinned_at is None


@pytest.mark.anyio
async def test_a_run_that_went_on_is_thinned_again(storage: Storage) -> None:
    retention, projects = a_retention(storage)
    run = await a_long_run(storage, "p", now() - timedelta(days=9))
    _ = await projects.set(ADMIN, "p", ProjectChange(retention_days=3))
    runs = RunStore(storage.documents).runs
    before = now() - timedelta(days=8)
    _ = await runs.update(run.id, lambda r: msgspec.structs.replace(r, thinned_at=before))

    assert await retention.thin_old() == 0

    ended = now() - timedelta(days=7)
    _ = await runs.update(RunId(run.id), lambda r: msgspec.structs.replace(r, completed_at=ended))
    assert await retention.thin_old() == 1


@pytest.mark.anyio
async def test_a_project_that_keeps_everything_keeps_it(storage: Storage) -> None:
    retention, projects = a_retention(storage)
    run = await a_long_run(storage, "p", now() - timedelta(days=900))
    _ = await projects.set(ADMIN, "p", ProjectChange(retention_days=3))
    _ = await projects.set(ADMIN, "p", ProjectChange(retention_days=None))

    assert await retention.thin_old() == 0
    assert await n_left(storage, run) == N


def test_an_admin_prunes_at_once(server: Server) -> None:
    with server.client() as client:
        answer = client.post("/api/training/prune")

    assert (answer.status_code, answer.json()) == (200, {"n_thinned": 0, "n_purged": 0})
