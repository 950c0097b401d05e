"""What happens to endpoints over their life: start, swap, stop, fail, come back."""

import asyncio
import os
import signal
from collections.abc import Callable
from typing import Any

import msgspec
import onnx_models
import psutil
import pytest
from msgspec.structs import replace
from serving import OTHER, OWNER, Shelf, Slice, a_row, predict, until

from axonml.errors import AxonError, Conflict, Forbidden, Invalid, NotFound, Unavailable
from axonml.http.caller import Role
from axonml.inference.endpoints import LiveEndpoint
from axonml.inference.engines.engine import StartFailed
from axonml.inference.types import (
    Deploy,
    Endpoint,
    EndpointChange,
    EndpointConfig,
    EndpointStatus,
    NewEndpoint,
)

pytestmark = pytest.mark.anyio
Build = Callable[..., Slice]


def pids_of(live: LiveEndpoint) -> list[int]:
    return [each.pid for each in live.require_serving().replicas.alive]


async def test_a_deployed_version_answers_predictions(a_slice: Build) -> None:
    here = a_slice()

    live = await here.deployed(onnx_models.doubling())

    assert await predict(live, a_row(1, 2, 3)) == [[2.0, 4.0, 6.0]]
    assert live.record.status is EndpointStatus.RUNNING
    assert (await here.stored(live)).status is EndpointStatus.RUNNING
    assert live.require_serving().version == "v1"


async def test_deploying_again_moves_the_models_endpoint(a_slice: Build, shelf: Shelf) -> None:
    here = a_slice()
    model = shelf.put("digits", onnx_models.doubling(), onnx_models.doubling(factor=10))
    first = await here.supervisor.deploy(OWNER, model.id, "1", Deploy(), wait=True)
    live = here.of(first)
    old = pids_of(live)

    second = await here.supervisor.deploy(OWNER, model.id, "2", Deploy(), wait=True)

    assert (second.id, second.name, second.version) == (first.id, "digits", 2)
    assert await predict(live, a_row(1, 2, 3)) == [[10.0, 20.0, 30.0]]
    await until(lambda: not any(map(psutil.pid_exists, old)))


async def test_a_swap_under_load_fails_no_request(a_slice: Build, shelf: Shelf) -> None:
    here = a_slice()
    model = shelf.put("m", onnx_models.doubling(), onnx_models.doubling(factor=10))
    live = here.of(await here.supervisor.deploy(OWNER, model.id, "1", Deploy(), wait=True))
    answers: list[Any] = []
    swapped = asyncio.Event()

    async def ask() -> None:
        while not swapped.is_set():
            answers.append(await predict(live, a_row(1, 1, 1)))
        answers.append(await predict(live, a_row(1, 1, 1)))

    callers = [asyncio.create_task(ask()) for _ in range(16)]
    for number in ("2", "1", "2"):
        _ = await here.supervisor.deploy(OWNER, model.id, number, Deploy(), wait=True)
    swapped.set()
    _ = await asyncio.gather(*callers)

    assert len(answers) > 16
    assert {each[0][0] for each in answers} == {2.0, 10.0}
    assert answers[-16:] == [[[10.0, 10.0, 10.0]]] * 16


async def test_a_version_that_does_not_start_leaves_the_old_one_answering(
    a_slice: Build, shelf: Shelf
) -> None:
    here = a_slice()
    model = shelf.put("m", onnx_models.doubling(), onnx_models.doubling(factor=10))
    live = here.of(await here.supervisor.deploy(OWNER, model.id, "1", Deploy(), wait=True))
    _ = (shelf.folder / shelf.of(model, 2).file_path).write_bytes(b"\x08\x07no model")

    with pytest.raises(StartFailed, match="cannot be loaded"):
        _ = await here.supervisor.deploy(OWNER, model.id, "2", Deploy(), wait=True)

    assert await predict(live, a_row(1, 2, 3)) == [[2.0, 4.0, 6.0]]
    assert (live.record.status, live.record.version) == (EndpointStatus.RUNNING, 1)
    assert "v2 did not start" in live.record.reason
    assert (await here.stored(live)).version == 1


async def test_a_device_that_is_not_there_leaves_the_old_replicas_answering(
    a_slice: Build,
) -> None:
    here = a_slice()
    live = await here.deployed(onnx_models.doubling())

    change = EndpointChange(config=EndpointConfig(device="cuda"))
    with pytest.raises(StartFailed, match="the device is cuda, but onnxruntime"):
        _ = await here.supervisor.change(OWNER, live.record.id, change)

    assert live.record.config.device == "cpu"
    assert await predict(live, a_row(1, 2, 3)) == [[2.0, 4.0, 6.0]]


async def test_a_new_endpoint_whose_model_does_not_load_is_failed_and_says_why(
    a_slice: Build, shelf: Shelf
) -> None:
    here = a_slice()
    model = shelf.put("m", onnx_models.doubling())
    (shelf.folder / shelf.of(model, 1).file_path).unlink()

    with pytest.raises(StartFailed):
        _ = await here.supervisor.deploy(OWNER, model.id, "1", Deploy(), wait=True)

    live = here.endpoints.callable_by(OWNER, "m")
    assert live.record.status is EndpointStatus.FAILED
    assert "cannot be loaded" in (await here.stored(live)).reason
    with pytest.raises(Unavailable, match="cannot be loaded") as caught:
        _ = live.require_serving()
    assert caught.value.problem_code == "endpoint_failed"


async def test_a_model_that_loads_too_slowly_is_given_up(a_slice: Build, shelf: Shelf) -> None:
    here = a_slice(load_timeout_s=0.01)
    model = shelf.put("m", onnx_models.doubling())

    with pytest.raises(StartFailed, match=r"did not load within 0.01 s"):
        _ = await here.supervisor.deploy(OWNER, model.id, "1", Deploy(), wait=True)

    assert psutil.Process().children() == []


async def test_stopping_answers_what_is_queued_and_ends_the_process(a_slice: Build) -> None:
    here = a_slice()
    live = await here.deployed(onnx_models.looping(), max_batch_rows=1)
    pids = pids_of(live)
    waiting = [asyncio.create_task(predict(live, a_row(50_000))) for _ in range(3)]
    await until(lambda: live.require_serving().batcher.queued_rows > 0)

    stopped = await here.supervisor.stop(OWNER, live.record.id)

    assert [await each for each in waiting] == [[[50_000.0]]] * 3
    assert stopped.status is EndpointStatus.STOPPED
    assert not any(map(psutil.pid_exists, pids))
    with pytest.raises(Conflict) as caught:
        _ = live.require_serving()
    assert caught.value.problem_code == "endpoint_stopped"
    assert f"/api/inference/endpoints/{live.record.id}/start" in caught.value.detail


async def test_a_stopped_endpoint_starts_again_and_a_repeat_changes_nothing(
    a_slice: Build,
) -> None:
    here = a_slice()
    live = await here.deployed(onnx_models.doubling())
    _ = await here.supervisor.stop(OWNER, live.record.id)

    _ = await here.supervisor.start(OWNER, live.record.id)
    pids = pids_of(live)
    again = await here.supervisor.start(OWNER, live.record.id)

    assert again.status is EndpointStatus.RUNNING
    assert pids_of(live) == pids
    assert await predict(live, a_row(1, 2, 3)) == [[2.0, 4.0, 6.0]]


async def test_a_start_can_be_stopped_before_it_ends(a_slice: Build, shelf: Shelf) -> None:
    here = a_slice()
    model = shelf.put("m", onnx_models.doubling())
    new = NewEndpoint(name="m", model_version_id=shelf.of(model, 1).id)
    record = await here.supervisor.create(OWNER, new)
    live = here.of(record)
    starting = asyncio.create_task(here.supervisor.start(OWNER, record.id))
    await until(lambda: live.record.status is EndpointStatus.STARTING)

    stopped = await here.supervisor.stop(OWNER, record.id)

    assert stopped.status is EndpointStatus.STOPPED
    with pytest.raises(Conflict, match="stopped meanwhile"):
        _ = await starting
    assert psutil.Process().children() == []


async def test_deploy_without_waiting_says_starting_and_then_runs(
    a_slice: Build, shelf: Shelf
) -> None:
    here = a_slice()
    model = shelf.put("m", onnx_models.doubling())

    record = await here.supervisor.deploy(OWNER, model.id, "1", Deploy(), wait=False)

    live = here.of(record)
    with pytest.raises(Unavailable):
        _ = live.require_serving()
    await until(lambda: live.record.status is EndpointStatus.RUNNING)
    assert await predict(live, a_row(1, 2, 3)) == [[2.0, 4.0, 6.0]]


async def test_what_was_running_comes_back_with_the_server(a_slice: Build) -> None:
    before = a_slice()
    running = await before.deployed(onnx_models.doubling())
    stopped = await before.deployed(onnx_models.doubling())
    _ = await before.supervisor.stop(OWNER, stopped.record.id)
    await before.supervisor.close()

    after = a_slice()
    await after.supervisor.open()

    live, other = after.of(running.record), after.of(stopped.record)
    await until(lambda: live.record.status is EndpointStatus.RUNNING and live.serving is not None)
    assert await predict(live, a_row(1, 2, 3)) == [[2.0, 4.0, 6.0]]
    assert other.record.status is EndpointStatus.STOPPED


async def test_an_endpoint_caught_while_starting_or_stopping_is_put_right(a_slice: Build) -> None:
    before = a_slice()
    starting = await before.deployed(onnx_models.doubling())
    draining = await before.deployed(onnx_models.doubling())
    await before.supervisor.close()
    for live, status in (
        (starting, EndpointStatus.STARTING),
        (draining, EndpointStatus.DRAINING),
    ):
        _ = await before.store.endpoints.update(
            live.record.id, lambda record, status=status: replace(record, status=status)
        )

    after = a_slice()
    await after.supervisor.open()

    await until(lambda: after.of(starting.record).record.status is EndpointStatus.RUNNING)
    assert (await after.stored(draining)).status is EndpointStatus.STOPPED


async def test_closing_the_server_answers_what_is_queued(a_slice: Build) -> None:
    here = a_slice()
    live = await here.deployed(onnx_models.looping(), max_batch_rows=1)
    waiting = [asyncio.create_task(predict(live, a_row(50_000))) for _ in range(3)]
    await until(lambda: live.require_serving().batcher.queued_rows > 0)

    await here.supervisor.close()

    assert [await each for each in waiting] == [[[50_000.0]]] * 3
    assert psutil.Process().children() == []


async def test_more_replicas_and_another_batch_size_swap_in_place(a_slice: Build) -> None:
    here = a_slice()
    live = await here.deployed(onnx_models.doubling())

    change = EndpointChange(replicas=2, config=EndpointConfig(max_batch_rows=8))
    record = await here.supervisor.change(OWNER, live.record.id, change)

    assert (record.replicas, record.config.max_batch_rows) == (2, 8)
    assert len(pids_of(live)) == 2
    assert await predict(live, a_row(1, 2, 3)) == [[2.0, 4.0, 6.0]]


async def test_a_new_name_is_followed_without_a_restart(a_slice: Build) -> None:
    here = a_slice()
    live = await here.deployed(onnx_models.doubling())
    pids = pids_of(live)

    _ = await here.supervisor.change(OWNER, live.record.id, EndpointChange(name="other"))

    assert here.endpoints.callable_by(OWNER, "other") is live
    assert pids_of(live) == pids
    with pytest.raises(NotFound):
        _ = here.endpoints.callable_by(OWNER, "m0")


async def test_a_name_is_given_once(a_slice: Build, shelf: Shelf) -> None:
    here = a_slice()
    first = await here.deployed(onnx_models.doubling())
    second = await here.deployed(onnx_models.doubling())
    other = shelf.put("m0", onnx_models.doubling())

    with pytest.raises(Conflict, match="choose another name") as caught:
        _ = await here.supervisor.deploy(OWNER, other.id, "1", Deploy(), wait=True)
    with pytest.raises(Conflict):
        _ = await here.supervisor.change(
            OWNER, second.record.id, EndpointChange(name=first.record.name)
        )

    assert caught.value.problem_code == "endpoint_exists"
    assert second.record.name == "m1"


async def test_a_version_that_cannot_be_served_says_why(a_slice: Build, shelf: Shelf) -> None:
    here = a_slice()
    model = shelf.put("m", onnx_models.doubling())
    version = shelf.of(model, 1)
    shelf.versions[version.id] = replace(version, servable=False, reason="weights only; export it")

    with pytest.raises(Invalid, match="weights only; export it") as caught:
        _ = await here.supervisor.deploy(OWNER, model.id, "1", Deploy(), wait=True)

    assert caught.value.problem_code == "not_servable"


async def test_deleting_a_running_endpoint_stops_it_first(a_slice: Build) -> None:
    here = a_slice()
    live = await here.deployed(onnx_models.doubling())
    pids = pids_of(live)

    _ = await here.supervisor.delete(OWNER, live.record.id)

    assert not any(map(psutil.pid_exists, pids))
    assert await here.store.every() == []
    with pytest.raises(NotFound):
        _ = here.endpoints.readable(OWNER, live.record.id)


async def test_no_more_endpoints_run_than_the_configuration_allows(
    a_slice: Build, shelf: Shelf
) -> None:
    here = a_slice(max_endpoints=1)
    _ = await here.deployed(onnx_models.doubling())

    with pytest.raises(Conflict, match="max_endpoints"):
        _ = await here.deployed(onnx_models.doubling())


async def test_others_may_not_change_an_endpoint_nor_see_a_private_one(a_slice: Build) -> None:
    here = a_slice()
    live = await here.deployed(onnx_models.doubling())

    with pytest.raises(NotFound):
        _ = await here.supervisor.stop(OTHER, live.record.id)
    with pytest.raises(NotFound, match="there is no endpoint 'm0'"):
        _ = here.endpoints.callable_by(OTHER, "m0")
    _ = await here.supervisor.change(OWNER, live.record.id, EndpointChange(visibility="team"))
    with pytest.raises(Forbidden):
        _ = await here.supervisor.stop(OTHER, live.record.id)

    assert here.endpoints.callable_by(OTHER, "m0") is live


async def test_a_viewer_deploys_nothing(a_slice: Build, shelf: Shelf) -> None:
    here = a_slice()
    model = shelf.put("m", onnx_models.doubling())
    viewer = replace(OWNER, role=Role.VIEWER)

    with pytest.raises(Forbidden):
        _ = await here.supervisor.deploy(viewer, model.id, "1", Deploy(), wait=True)


async def test_a_replica_killed_under_load_loses_no_request(a_slice: Build) -> None:
    here = a_slice()
    live = await here.deployed(onnx_models.doubling(), replicas=1)
    answers: list[Any] = []
    survived = asyncio.Event()

    async def ask() -> None:
        while not survived.is_set():
            answers.append(await predict(live, a_row(1, 2, 3)))

    callers = [asyncio.create_task(ask()) for _ in range(32)]
    for _ in range(2):
        await until(lambda: len(pids_of(live)) == 1 and len(answers) > 100)
        victim = pids_of(live)[0]
        os.kill(victim, signal.SIGKILL)
        await until(lambda victim=victim: pids_of(live) not in ([], [victim]))
        answers.clear()
    survived.set()
    _ = await asyncio.gather(*callers)

    assert answers == [[[2.0, 4.0, 6.0]]] * len(answers)
    assert live.record.status is EndpointStatus.RUNNING


async def test_three_crashes_in_a_minute_fail_the_endpoint_with_the_last_words(
    a_slice: Build,
) -> None:
    here = a_slice()
    live = await here.deployed(onnx_models.doubling())

    for _ in range(3):
        await until(lambda: live.serving is None or len(pids_of(live)) == 1)
        victim = pids_of(live)[0]
        os.kill(victim, signal.SIGKILL)
        await until(lambda victim=victim: live.serving is None or victim not in pids_of(live))
    await until(lambda: live.record.status is EndpointStatus.FAILED)

    assert "3 crashes within 60 s" in live.record.reason
    assert "SIGKILL" in (await here.stored(live)).reason
    with pytest.raises(Unavailable, match="3 crashes"):
        _ = live.require_serving()
    _ = await here.supervisor.start(OWNER, live.record.id)
    assert await predict(live, a_row(1, 2, 3)) == [[2.0, 4.0, 6.0]]


async def test_a_hanging_replica_is_replaced_after_the_deadline(a_slice: Build) -> None:
    here = a_slice()
    live = await here.deployed(onnx_models.doubling(), timeout_ms=300)
    (pid,) = pids_of(live)
    os.kill(pid, signal.SIGSTOP)

    with pytest.raises(AxonError, match="timeout_ms = 300 ms") as caught:
        _ = await predict(live, a_row(1, 2, 3))
    await until(lambda: pids_of(live) not in ([], [pid]))

    assert (caught.value.status, caught.value.problem_code) == (504, "deadline_exceeded")
    assert not psutil.pid_exists(pid)
    assert await predict(live, a_row(1, 2, 3)) == [[2.0, 4.0, 6.0]]


async def test_watchers_of_an_endpoint_hear_of_each_state(a_slice: Build, shelf: Shelf) -> None:
    here = a_slice()
    model = shelf.put("m", onnx_models.doubling())
    new = NewEndpoint(name="m", model_version_id=shelf.of(model, 1).id)
    record = await here.supervisor.create(OWNER, new)
    reader = here.live.subscriber()
    here.live.watch(reader, f"endpoint:{record.id}")

    _ = await here.supervisor.start(OWNER, record.id)
    _ = await here.supervisor.stop(OWNER, record.id)

    frames, dropped = await reader.take()
    heard = [msgspec.json.decode(frame.messages[0], type=Endpoint).status for frame in frames]
    assert heard == ["starting", "running", "draining", "stopped"]
    assert dropped == 0
    assert [frame.seq for frame in frames] == sorted({frame.seq for frame in frames})
