"""Background work: kept to its end, cut short at the close where it may be, and never silent."""

import asyncio

import pytest
from structlog.testing import capture_logs

from axonml.errors import Conflict
from axonml.inference.tasks import Tasks

pytestmark = pytest.mark.anyio


async def test_the_close_cuts_short_what_may_be_and_waits_for_the_rest() -> None:
    tasks, go = Tasks(), asyncio.Event()
    loading = tasks.begin(asyncio.sleep(60), "load", interruptible=True)
    draining = tasks.begin(go.wait(), "drain")

    await tasks.interrupt()
    assert loading.cancelled()
    assert not draining.done()
    _ = asyncio.get_running_loop().call_soon(go.set)
    await tasks.finish(5)

    assert draining.result() is True


async def test_what_does_not_end_in_time_is_ended() -> None:
    tasks = Tasks()
    stuck = tasks.begin(asyncio.sleep(60), "stuck")

    await tasks.finish(0.01)

    assert stuck.cancelled()


async def test_a_mistake_is_logged_and_an_answer_for_the_caller_is_not() -> None:
    async def fail(error: Exception) -> None:
        raise error

    tasks = Tasks()
    with capture_logs() as logged:
        _ = tasks.begin(fail(Conflict("for the caller")), "expected")
        _ = tasks.begin(fail(ZeroDivisionError()), "mistake")
        await tasks.finish(5)

    assert [line["task"] for line in logged] == ["mistake"]
