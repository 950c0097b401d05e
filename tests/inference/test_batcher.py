"""The queue: batches of what waited, limits, deadlines, and every job ended once."""

import asyncio

import numpy as np
import pytest

from axonml.errors import AxonError, Invalid, Unavailable
from axonml.formats.format import Tensors
from axonml.inference.batcher import Batcher, DeadlineExceeded, Job, ModelCrashed, QueueFull
from axonml.inference.outputs import Answer
from axonml.inference.payload import Inputs
from axonml.inference.types import EndpointConfig

pytestmark = pytest.mark.anyio


def rows(*values: float, key: tuple[tuple[int, ...], ...] | None = ()) -> Inputs:
    array = np.array([[value] for value in values], np.float32)
    return Inputs({"x": array}, len(values), key)


def a_batcher(**config: float) -> Batcher:
    return Batcher(EndpointConfig(**config))  # pyright: ignore[reportArgumentType]  # tests give ints where ints belong


async def take(batcher: Batcher) -> list[Job]:
    async with asyncio.timeout(5):
        return await batcher.take(asyncio.Event(), lambda: False)


def values_of(jobs: list[Job]) -> list[float]:
    return [float(value) for job in jobs for value in job.inputs.tensors["x"][:, 0]]


def outputs_of(jobs: list[Job]) -> Tensors:
    joined = np.concatenate([job.inputs.tensors["x"] for job in jobs])
    return {"y": joined.astype(np.float32) * 2}


async def test_what_waited_is_the_next_batch_and_each_gets_its_own_rows() -> None:
    batcher = a_batcher()
    answers = [batcher.submit(rows(1)), batcher.submit(rows(2, 3)), batcher.submit(rows(4))]

    jobs = await take(batcher)
    batcher.settle(jobs, outputs_of(jobs), 0.01)

    assert values_of(jobs) == [1, 2, 3, 4]
    assert [(await each).as_json() for each in answers] == [[[2.0]], [[4.0], [6.0]], [[8.0]]]


async def test_a_request_does_not_wait_for_company() -> None:
    batcher = a_batcher()
    taking = asyncio.create_task(take(batcher))
    await asyncio.sleep(0)

    _ = batcher.submit(rows(1))

    assert values_of(await taking) == [1]


async def test_a_delay_that_was_asked_for_gathers_more() -> None:
    batcher = a_batcher(max_delay_ms=1000, max_batch_rows=2)
    taking = asyncio.create_task(take(batcher))
    await asyncio.sleep(0)
    _ = batcher.submit(rows(1))
    await asyncio.sleep(0.01)
    assert not taking.done()

    _ = batcher.submit(rows(2))

    assert values_of(await taking) == [1, 2]


async def test_a_delay_ends_by_itself() -> None:
    batcher = a_batcher(max_delay_ms=20)
    _ = batcher.submit(rows(1))

    assert values_of(await take(batcher)) == [1]


async def test_a_batch_has_at_most_max_batch_rows_and_a_larger_request_goes_alone() -> None:
    batcher = a_batcher(max_batch_rows=3)
    for each in (rows(1), rows(2, 3), rows(4), rows(5, 6, 7, 8), rows(9)):
        _ = batcher.submit(each)

    batches = [values_of(await take(batcher)) for _ in range(4)]

    assert batches == [[1, 2, 3], [4], [5, 6, 7, 8], [9]]


async def test_rows_that_cannot_be_joined_go_one_request_at_a_time() -> None:
    batcher = a_batcher()
    for each in (rows(1), rows(2, key=((5,),)), rows(3, key=None), rows(4)):
        _ = batcher.submit(each)

    batches = [values_of(await take(batcher)) for _ in range(4)]

    assert batches == [[1], [2], [3], [4]]


async def test_a_full_queue_says_when_to_come_again() -> None:
    batcher = a_batcher(queue_rows=10, max_batch_rows=2)
    first = batcher.submit(rows(1, 2))
    jobs = await take(batcher)
    batcher.settle(jobs, outputs_of(jobs), elapsed_s=1.0)  # half a second a row
    _ = await first
    for _ in range(5):
        _ = batcher.submit(rows(1, 2))

    with pytest.raises(QueueFull) as caught:
        _ = batcher.submit(rows(1))

    assert (caught.value.status, caught.value.retry_after_s) == (429, 5)


async def test_a_request_past_its_deadline_leaves_the_queue() -> None:
    batcher = a_batcher(timeout_ms=20, queue_rows=1)
    late = batcher.submit(rows(1))

    with pytest.raises(DeadlineExceeded):
        _ = await late
    on_time = batcher.submit(rows(2))
    jobs = await take(batcher)
    batcher.settle(jobs, outputs_of(jobs), 0.001)

    assert (await on_time).as_json() == [[4.0]]
    assert batcher.queued_rows == 0


async def test_a_caller_that_went_away_is_not_computed() -> None:
    batcher = a_batcher()
    gone, here = batcher.submit(rows(1)), batcher.submit(rows(2))
    _ = gone.cancel()

    assert values_of(await take(batcher)) == [2]
    _ = here.cancel()
    await asyncio.wait_for(batcher.drained(), 5)


async def test_after_a_crash_each_job_is_tried_once_more_by_itself() -> None:
    batcher = a_batcher()
    answers = [batcher.submit(rows(1)), batcher.submit(rows(2)), batcher.submit(rows(3))]
    crashed = await take(batcher)
    later = batcher.submit(rows(4))

    batcher.put_back(crashed)

    for value in (1, 2, 3, 4):
        jobs = await take(batcher)
        assert values_of(jobs) == [value]
        batcher.settle(jobs, outputs_of(jobs), 0.001)
    assert [(await each).as_json() for each in (*answers, later)] == [
        [[2.0]],
        [[4.0]],
        [[6.0]],
        [[8.0]],
    ]


async def test_a_request_that_ends_two_replicas_fails_alone_and_is_remembered() -> None:
    batcher = a_batcher()
    guilty, innocent = batcher.submit(rows(666)), batcher.submit(rows(1))
    batcher.put_back(await take(batcher))
    batcher.put_back(await take(batcher))

    jobs = await take(batcher)
    batcher.settle(jobs, outputs_of(jobs), 0.001)

    assert (await innocent).as_json() == [[2.0]]
    with pytest.raises(ModelCrashed) as caught:
        _ = await guilty
    assert (caught.value.status, caught.value.problem_code) == (500, "model_crashed")
    with pytest.raises(ModelCrashed):
        _ = batcher.submit(rows(666))
    assert not batcher.submit(rows(667)).done()


async def test_of_a_batch_that_the_model_refused_only_the_culprit_fails() -> None:
    batcher = a_batcher()
    wrong, right = batcher.submit(rows(-1)), batcher.submit(rows(1))
    batcher.refuse(await take(batcher), "index out of range")
    batcher.refuse(await take(batcher), "index out of range")

    jobs = await take(batcher)
    batcher.settle(jobs, outputs_of(jobs), 0.001)

    assert (await right).as_json() == [[2.0]]
    with pytest.raises(Invalid, match="index out of range"):
        _ = await wrong


async def test_outputs_that_are_not_by_row_end_batching_but_no_request() -> None:
    batcher = a_batcher()
    answers = [batcher.submit(rows(1)), batcher.submit(rows(2))]
    batcher.settle(await take(batcher), {"y": np.zeros((7, 1), np.float32)}, 0.001)

    for _ in range(2):
        jobs = await take(batcher)
        assert len(jobs) == 1
        batcher.settle(jobs, {"y": np.ones((7, 1), np.float32)}, 0.001)

    assert [len((await each).as_json()) for each in answers] == [7, 7]
    assert not batcher.is_batchable


async def test_a_closed_queue_fails_what_waits_and_takes_no_more() -> None:
    batcher = a_batcher()
    waiting = batcher.submit(rows(1))

    batcher.close(Unavailable("stopped"))

    with pytest.raises(Unavailable):
        _ = await waiting
    with pytest.raises(Unavailable):
        _ = batcher.submit(rows(1))
    await asyncio.wait_for(batcher.drained(), 5)


async def test_work_that_woke_a_dead_replica_goes_to_another() -> None:
    batcher = a_batcher()
    is_gone = False
    dead = asyncio.create_task(batcher.take(asyncio.Event(), lambda: is_gone))
    alive = asyncio.create_task(take(batcher))
    await asyncio.sleep(0)
    is_gone = True

    _ = batcher.submit(rows(1))

    assert await dead == []
    assert values_of(await alive) == [1]


async def test_the_end_of_an_idle_replica_swallows_no_work() -> None:
    batcher = a_batcher()
    wake, is_gone = asyncio.Event(), False
    dead = asyncio.create_task(batcher.take(wake, lambda: is_gone))
    alive = asyncio.create_task(take(batcher))
    await asyncio.sleep(0)
    is_gone = True
    wake.set()
    assert await dead == []

    _ = batcher.submit(rows(1))

    assert values_of(await alive) == [1]


async def test_every_job_ends_once_whatever_happens() -> None:
    random = np.random.default_rng(0)
    batcher = a_batcher(max_batch_rows=4, queue_rows=20, timeout_ms=500)
    waiting: list[asyncio.Future[Answer]] = []
    for _ in range(300):
        match int(random.integers(6)):
            case 0 | 1 | 2:
                try:
                    waiting.append(batcher.submit(rows(*range(random.integers(1, 4)))))
                except AxonError as error:
                    assert isinstance(error, QueueFull | ModelCrashed)  # noqa: PT017  # either is fine
            case 3 if waiting:
                _ = waiting[random.integers(len(waiting))].cancel()
            case _ if batcher.queued_rows and any(not each.done() for each in waiting):
                jobs = await take(batcher)
                kind = int(random.integers(3))
                if kind == 0:
                    batcher.put_back(jobs)
                elif kind == 1:
                    batcher.refuse(jobs, "no")
                else:
                    batcher.settle(jobs, outputs_of(jobs), 0.001)
            case _:
                pass

    batcher.close(Unavailable("stopped"))
    ended = await asyncio.gather(*waiting, return_exceptions=True)

    await asyncio.wait_for(batcher.drained(), 5)
    assert len(ended) == len(waiting)
    assert batcher.queued_rows == 0
