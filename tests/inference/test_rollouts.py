"""A version tried beside the one that answers: canary, shadow, promotion, failure, comparison."""

import asyncio
import os
import signal
from collections.abc import Callable

import onnx_models
import psutil
import pytest
from msgspec.structs import replace
from serving import OTHER, OWNER, Shelf, Slice, a_row, predict, until

from axonml.errors import Conflict, Forbidden, Invalid, NotFound
from axonml.ids import VersionId
from axonml.inference.deployments import DeployedVersions
from axonml.inference.endpoints import LiveEndpoint
from axonml.inference.engines.engine import StartFailed
from axonml.inference.rollout_types import AskBoth, NewRollout, NewShare
from axonml.inference.rollouts import Rollouts
from axonml.inference.types import Deploy, EndpointChange, EndpointConfig, EndpointStatus
from axonml.registry.types import Model

pytestmark = pytest.mark.anyio
Build = Callable[..., Slice]


def rollouts_of(here: Slice) -> Rollouts:
    return Rollouts(here.supervisor, here.endpoints, here.shelf, here.starter)


async def two_versions(here: Slice, shelf: Shelf) -> tuple[Model, LiveEndpoint]:
    """Deploy v1 (doubles) of a model whose v2 multiplies by ten and v3 doubles too."""
    model = shelf.put(
        "m",
        onnx_models.doubling(),
        onnx_models.doubling(factor=10),
        onnx_models.doubling(factor=2.0),
    )
    record = await here.supervisor.deploy(OWNER, model.id, "1", Deploy(), wait=True)
    return model, here.of(record)


def canary(version: int | str, percent: float) -> NewRollout:
    return NewRollout(canary=NewShare(version=version, percent=percent))


def shadow(version: int | str, percent: float = 100) -> NewRollout:
    return NewRollout(shadow=NewShare(version=version, percent=percent))


def n_compared(rollouts: Rollouts, live: LiveEndpoint) -> int:
    answers = rollouts.state(OWNER, live.record.id).answers
    return 0 if answers is None else answers.compared


async def test_a_canary_answers_its_share(a_slice: Build, shelf: Shelf) -> None:
    here = a_slice()
    _, live = await two_versions(here, shelf)
    rollouts = rollouts_of(here)
    before = [each.pid for each in live.require_serving().replicas.alive]

    record = await rollouts.begin(OWNER, live.record.id, canary(2, 30))
    answers = [await predict(live, a_row(1, 1, 1)) for _ in range(400)]

    n_canary = sum(each == [[10.0, 10.0, 10.0]] for each in answers)
    assert n_canary + sum(each == [[2.0, 2.0, 2.0]] for each in answers) == 400
    assert 70 < n_canary < 170
    assert [each.pid for each in live.require_serving().replicas.alive] == before
    assert record.rollout == (await here.stored(live)).rollout
    state = rollouts.state(OWNER, live.record.id)
    assert state.main is not None
    assert state.canary is not None
    assert (state.canary.version, state.canary.requests_total) == (2, n_canary)
    assert state.main.requests_total == 400 - n_canary
    assert state.canary.latency_p50 is not None
    assert state.shadow is None


async def test_a_share_of_nothing_and_of_everything(a_slice: Build, shelf: Shelf) -> None:
    here = a_slice()
    _, live = await two_versions(here, shelf)
    rollouts = rollouts_of(here)

    _ = await rollouts.begin(OWNER, live.record.id, canary(2, 0))
    assert [await predict(live, a_row(1, 1, 1)) for _ in range(20)] == [[[2.0] * 3]] * 20
    _ = await rollouts.begin(OWNER, live.record.id, canary(2, 100))
    assert [await predict(live, a_row(1, 1, 1)) for _ in range(20)] == [[[10.0] * 3]] * 20


async def test_a_shadow_is_compared_and_never_answers(a_slice: Build, shelf: Shelf) -> None:
    here = a_slice()
    _, live = await two_versions(here, shelf)
    rollouts = rollouts_of(here)

    _ = await rollouts.begin(OWNER, live.record.id, shadow(2))
    answers = [await predict(live, a_row(1, 2, 3)) for _ in range(20)]
    await until(lambda: n_compared(rollouts, live) == 20)

    assert answers == [[[2.0, 4.0, 6.0]]] * 20
    compared = rollouts.state(OWNER, live.record.id).answers
    assert compared is not None
    assert (compared.agreed, compared.same_top, compared.max_difference) == (0, 20, 24.0)
    _ = await rollouts.begin(OWNER, live.record.id, shadow(3))
    _ = await predict(live, a_row(1, 2, 3))
    await until(lambda: n_compared(rollouts, live) == 1)
    compared = rollouts.state(OWNER, live.record.id).answers
    assert compared is not None
    assert (compared.agreed, compared.max_difference) == (1, 0.0)


async def test_a_promoted_canary_answers_everything_with_the_replicas_it_had(
    a_slice: Build, shelf: Shelf
) -> None:
    here = a_slice()
    model, live = await two_versions(here, shelf)
    rollouts = rollouts_of(here)
    _ = await rollouts.begin(OWNER, live.record.id, canary(2, 50))
    [main, tried] = [each.pid for each in live.replicas()]
    assert main is not None

    record = await rollouts.promote(OWNER, live.record.id)

    assert (record.version, record.rollout) == (2, None)
    assert record.model_version_id == shelf.of(model, 2).id
    assert await predict(live, a_row(1, 1, 1)) == [[10.0] * 3]
    assert [each.pid for each in live.replicas()] == [tried]
    await until(lambda: not psutil.pid_exists(main))


async def test_ending_a_rollout_ends_its_processes(a_slice: Build, shelf: Shelf) -> None:
    here = a_slice()
    _, live = await two_versions(here, shelf)
    rollouts = rollouts_of(here)
    both = NewRollout(
        canary=NewShare(version=2, percent=50), shadow=NewShare(version=3, percent=50)
    )
    _ = await rollouts.begin(OWNER, live.record.id, both)
    states = live.replicas()
    assert [(each.role, each.version) for each in states] == [
        ("main", 1),
        ("canary", 2),
        ("shadow", 3),
    ]

    _ = await rollouts.end(OWNER, live.record.id)

    assert [each.role for each in live.replicas()] == ["main"]
    await until(lambda: not any(psutil.pid_exists(each.pid or 0) for each in states[1:]))
    assert await predict(live, a_row(1, 1, 1)) == [[2.0] * 3]


async def test_a_canary_that_keeps_crashing_is_taken_out_and_no_request_fails(
    a_slice: Build, shelf: Shelf
) -> None:
    here = a_slice()
    _, live = await two_versions(here, shelf)
    _ = await rollouts_of(here).begin(OWNER, live.record.id, canary(2, 50))
    stop = asyncio.Event()
    answers: list[object] = []

    async def ask() -> None:
        while not stop.is_set():
            answers.append(await predict(live, a_row(1, 1, 1)))

    callers = [asyncio.create_task(ask()) for _ in range(8)]
    while live.rollout is not None:
        for each in live.rollout.servings:
            for replica in each.replicas.alive:
                os.kill(replica.pid, signal.SIGKILL)
        await asyncio.sleep(0.05)
    stop.set()
    _ = await asyncio.gather(*callers)

    assert answers
    await until(lambda: live.record.rollout is None)
    assert "v2 was taken out of the rollout: 3 crashes" in live.record.reason
    assert live.record.status is EndpointStatus.RUNNING
    assert (await here.stored(live)).rollout is None


async def test_a_version_that_does_not_start_changes_nothing(a_slice: Build, shelf: Shelf) -> None:
    here = a_slice()
    model, live = await two_versions(here, shelf)
    _ = (shelf.folder / shelf.of(model, 2).file_path).write_bytes(b"\x08\x07no model")

    with pytest.raises(StartFailed, match="cannot be loaded"):
        _ = await rollouts_of(here).begin(OWNER, live.record.id, canary(2, 50))

    assert live.rollout is None
    assert live.record.rollout is None
    assert "the rollout did not start" in live.record.reason
    assert await predict(live, a_row(1, 1, 1)) == [[2.0] * 3]


async def test_a_rollout_comes_back_with_the_server(a_slice: Build, shelf: Shelf) -> None:
    here = a_slice()
    _, live = await two_versions(here, shelf)
    _ = await rollouts_of(here).begin(OWNER, live.record.id, canary(2, 100))
    await here.supervisor.close()

    again = a_slice()
    await again.supervisor.open()
    back = again.of(live.record)
    await until(lambda: back.serving is not None)

    assert await predict(back, a_row(1, 1, 1)) == [[10.0] * 3]


async def test_a_rollout_that_cannot_come_back_does_not_keep_the_endpoint_down(
    a_slice: Build, shelf: Shelf
) -> None:
    here = a_slice()
    model, live = await two_versions(here, shelf)
    _ = await rollouts_of(here).begin(OWNER, live.record.id, canary(2, 100))
    _ = await here.supervisor.stop(OWNER, live.record.id)
    (shelf.folder / shelf.of(model, 2).file_path).unlink()

    record = await here.supervisor.start(OWNER, live.record.id)

    assert (record.status, record.rollout) == (EndpointStatus.RUNNING, None)
    assert "the rollout ended" in record.reason
    assert await predict(live, a_row(1, 1, 1)) == [[2.0] * 3]


async def test_what_a_rollout_refuses(a_slice: Build, shelf: Shelf) -> None:
    here = a_slice()
    model, live = await two_versions(here, shelf)
    other = shelf.put("wide", onnx_models.doubling(features=5))
    wide = replace(shelf.of(other, 1), model_id=model.id, version=4, id=VersionId("wide"))
    shelf.versions[wide.id] = wide
    rollouts, endpoint = rollouts_of(here), live.record.id

    with pytest.raises(Invalid, match="v1 answers already"):
        _ = await rollouts.begin(OWNER, endpoint, canary(1, 5))
    with pytest.raises(Invalid, match="v4 takes other inputs than v1"):
        _ = await rollouts.begin(OWNER, endpoint, canary(4, 5))
    twice = NewShare(version=2, percent=5)
    with pytest.raises(Invalid, match="either the canary or the shadow"):
        _ = await rollouts.begin(OWNER, endpoint, NewRollout(canary=twice, shadow=twice))
    with pytest.raises(Conflict, match="no rollout to promote"):
        _ = await rollouts.promote(OWNER, endpoint)
    with pytest.raises((Forbidden, NotFound)):
        _ = await rollouts.begin(OTHER, endpoint, canary(2, 5))
    assert live.rollout is None


async def test_another_version_is_not_deployed_over_a_rollout(a_slice: Build, shelf: Shelf) -> None:
    here = a_slice()
    model, live = await two_versions(here, shelf)
    _ = await rollouts_of(here).begin(OWNER, live.record.id, canary(2, 50))

    with pytest.raises(Conflict, match="a rollout of endpoint m is under way"):
        _ = await here.supervisor.deploy(OWNER, model.id, "3", Deploy(), wait=True)
    record = await here.supervisor.deploy(OWNER, model.id, "2", Deploy(), wait=True)

    assert (record.version, record.rollout) == (2, None)


async def test_a_change_of_replicas_keeps_the_rollout(a_slice: Build, shelf: Shelf) -> None:
    here = a_slice()
    _, live = await two_versions(here, shelf)
    _ = await rollouts_of(here).begin(OWNER, live.record.id, canary(2, 100))

    _ = await here.supervisor.change(OWNER, live.record.id, EndpointChange(replicas=2))
    _ = await here.supervisor.change(
        OWNER, live.record.id, EndpointChange(config=EndpointConfig(max_batch_rows=8))
    )

    assert [(each.role, each.replica) for each in live.replicas()] == [
        ("main", 0),
        ("main", 1),
        ("canary", 0),
        ("canary", 1),
    ]
    assert await predict(live, a_row(1, 1, 1)) == [[10.0] * 3]


async def test_a_version_that_is_tried_counts_as_deployed(a_slice: Build, shelf: Shelf) -> None:
    here = a_slice()
    model, live = await two_versions(here, shelf)
    _ = await rollouts_of(here).begin(OWNER, live.record.id, shadow(2))
    deployed = DeployedVersions(here.endpoints, here.store)

    assert await deployed.names_of([shelf.of(model, 2).id]) == ["m"]
    assert await deployed.names_of([shelf.of(model, 3).id]) == []


async def test_two_versions_answer_the_same_inputs_once(a_slice: Build, shelf: Shelf) -> None:
    here = a_slice()
    _, live = await two_versions(here, shelf)
    rollouts = rollouts_of(here)

    found = await rollouts.compare(OWNER, live.record.id, AskBoth(version=2, inputs=[[1, 2, 3]]))

    assert (found.main.version, found.main.outputs) == (1, [[2.0, 4.0, 6.0]])
    assert (found.other.version, found.other.outputs) == (2, [[10.0, 20.0, 30.0]])
    assert not found.difference.agrees
    assert (found.difference.max_difference, found.difference.same_top) == (24.0, True)
    assert [each.version for each in live.replicas()] == [1]
    with pytest.raises(Invalid, match="do not fit the model"):
        _ = await rollouts.compare(OWNER, live.record.id, AskBoth(version=2, inputs=[[1, 2]]))
