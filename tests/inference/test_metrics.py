"""One row a second for the busy, none for the idle, and reading them back by time."""

import asyncio
from collections.abc import Callable

import msgspec
import onnx_models
import pytest
from serving import OWNER, Slice

from axonml.clock import as_datetime
from axonml.errors import StorageFull
from axonml.inference.types import Deploy, EndpointConfig, NewEndpoint
from axonml.storage.protocols import Storage

pytestmark = pytest.mark.anyio
Build = Callable[..., Slice]
SECOND = 1_900_000_000


async def an_endpoint(here: Slice) -> str:
    model = here.shelf.put("m", onnx_models.doubling())
    new = NewEndpoint(name="m", model_version_id=here.shelf.of(model, 1).id)
    return (await here.supervisor.create(OWNER, new)).id


async def test_a_busy_second_is_one_row_and_an_idle_one_none(a_slice: Build) -> None:
    here = a_slice()
    endpoint = await an_endpoint(here)
    live = here.endpoints.readable(OWNER, endpoint)
    for elapsed_s in (0.001, 0.002, 0.100):
        live.latency.succeed(elapsed_s)
    live.latency.fail()

    await here.metrics.cut(SECOND)
    await here.metrics.cut(SECOND + 1)

    (row,) = await here.metrics.read(endpoint, SECOND * 1000, (SECOND + 9) * 1000, None)
    assert msgspec.structs.astuple(row) == (
        as_datetime(SECOND * 1000),
        *(4, 3, 1),
        *(pytest.approx(each, rel=0.01) for each in (2.0, 100.0, 100.0)),
    )


async def test_a_second_of_errors_only_has_no_latency(a_slice: Build) -> None:
    here = a_slice()
    endpoint = await an_endpoint(here)
    here.endpoints.readable(OWNER, endpoint).latency.fail()

    await here.metrics.cut(SECOND)

    (row,) = await here.metrics.read(endpoint, SECOND * 1000, SECOND * 1000, None)
    assert (row.requests_error, row.latency_p50, row.latency_p99) == (1, None, None)


async def test_rows_are_read_by_time(a_slice: Build) -> None:
    here = a_slice()
    endpoint = await an_endpoint(here)
    live = here.endpoints.readable(OWNER, endpoint)
    for offset in range(5):
        live.latency.succeed(0.001)
        await here.metrics.cut(SECOND + offset)

    rows = await here.metrics.read(endpoint, (SECOND + 1) * 1000, (SECOND + 3) * 1000, None)

    assert [row.timestamp.timestamp() - SECOND for row in rows] == [1, 2, 3]


async def test_many_rows_become_as_many_as_the_plot_has_pixels(a_slice: Build) -> None:
    here = a_slice()
    endpoint = await an_endpoint(here)
    live = here.endpoints.readable(OWNER, endpoint)
    for offset in range(100):
        live.latency.succeed(0.001)
        if offset == 42:
            live.latency.succeed(0.500)
        await here.metrics.cut(SECOND + offset)

    rows = await here.metrics.read(endpoint, SECOND * 1000, (SECOND + 99) * 1000, 10)

    assert len(rows) == 10
    assert sum(row.requests_total for row in rows) == 101
    worst = rows[4]
    assert worst.latency_p99 == pytest.approx(500, rel=0.01)
    assert [row.latency_p99 for row in rows if row is not worst] == [pytest.approx(1, rel=0.01)] * 9


async def test_figures_wait_while_the_disk_is_full(
    a_slice: Build, storage: Storage, monkeypatch: pytest.MonkeyPatch
) -> None:
    here = a_slice()
    endpoint = await an_endpoint(here)
    live = here.endpoints.readable(OWNER, endpoint)
    live.latency.succeed(0.001)

    async def refuse(*_: object) -> None:
        raise StorageFull("the disk is full")

    with monkeypatch.context() as full:
        full.setattr(storage.series, "append", refuse)
        await here.metrics.cut(SECOND)
    live.latency.succeed(0.001)
    await here.metrics.cut(SECOND + 1)

    rows = await here.metrics.read(endpoint, SECOND * 1000, (SECOND + 1) * 1000, None)
    assert [row.requests_total for row in rows] == [1, 1]


async def test_the_clock_cuts_by_itself_and_the_end_keeps_what_had_begun(a_slice: Build) -> None:
    here = a_slice()
    model = here.shelf.put("m", onnx_models.doubling())
    record = await here.supervisor.deploy(
        OWNER, model.id, "1", Deploy(config=EndpointConfig()), wait=True
    )
    live = here.of(record)
    here.metrics.open()
    live.latency.succeed(0.001)
    async with asyncio.timeout(5):
        while not await here.metrics.read(record.id, 0, 1 << 50, None):  # noqa: ASYNC110  # a second of real time
            await asyncio.sleep(0.05)
    live.latency.succeed(0.001)

    await here.metrics.close()

    rows = await here.metrics.read(record.id, 0, 1 << 50, None)
    assert sum(row.requests_total for row in rows) == 2


async def test_a_deleted_endpoint_leaves_no_rows(a_slice: Build) -> None:
    here = a_slice()
    endpoint = await an_endpoint(here)
    here.endpoints.readable(OWNER, endpoint).latency.succeed(0.001)
    await here.metrics.cut(SECOND)

    await here.metrics.forget(endpoint)

    assert await here.metrics.read(endpoint, 0, 1 << 50, None) == []
