"""A set of replicas under faults that real processes show too seldom: slow starts, bad respawns."""

import asyncio
from pathlib import Path

import numpy as np
import pytest
from serving import FakeReplica, until

from axonml.errors import Unavailable
from axonml.formats.format import Signature, TensorSpec
from axonml.inference import replicas
from axonml.inference.batcher import Batcher, ModelCrashed
from axonml.inference.engines.engine import LogSink, Replica, StartFailed, Work
from axonml.inference.payload import Inputs
from axonml.inference.replicas import ReplicaSet
from axonml.inference.types import EndpointConfig

pytestmark = pytest.mark.anyio
POISON = 666.0


class Scripted:
    """Starts as its script says: True a good replica, False a failure; then good ones."""

    def __init__(self, *script: bool) -> None:
        self.script = list(script)
        self.population: set[FakeReplica] = set()
        self.n_starts = 0

    async def start(self, number: int, work: Work, log: LogSink) -> Replica:
        log(number, f"loading {work.path}")
        self.n_starts += 1
        await asyncio.sleep(0)
        if self.script and not self.script.pop(0):
            raise StartFailed("the script says so")
        return FakeReplica(number, 2.0, self.population, poison=POISON)


def rows(*values: float) -> Inputs:
    return Inputs({"x": np.array([[value] for value in values], np.float32)}, len(values), ())


class Stage:
    """A batcher with its set of replicas."""

    def __init__(self, engine: Scripted, count: int = 1) -> None:
        spec = TensorSpec("x", "float32", (-1, 1))
        work = Work(Path("m-1.onnx"), "onnx", Signature((spec,), ()), 1, None, 30.0)
        self.failures: list[str] = []
        self.batcher = Batcher(EndpointConfig())
        self.set = ReplicaSet(
            engine,
            work,
            count,
            self.batcher,
            timeout_s=30.0,
            log=lambda _, __: None,
            on_failed=self.failures.append,
        )

    async def ask(self, *values: float) -> object:
        return (await asyncio.wait_for(self.batcher.submit(rows(*values)), 10)).as_json()


@pytest.fixture(autouse=True)
def no_pause(monkeypatch: pytest.MonkeyPatch) -> None:
    """Respawn at once: the pauses have their own test."""
    monkeypatch.setattr(replicas, "_BACK_OFF_S", 0.0)


async def test_one_replica_that_does_not_start_ends_all() -> None:
    engine = Scripted(True, False, True)
    stage = Stage(engine, count=3)

    with pytest.raises(StartFailed):
        await stage.set.start()

    assert engine.population == set()


async def test_a_respawn_that_fails_is_tried_again() -> None:
    engine = Scripted(True, False, True)
    stage = Stage(engine)
    await stage.set.start()

    next(iter(engine.population)).kill("the test")

    assert await stage.ask(1) == [[2.0]]
    assert engine.n_starts == 3
    assert stage.failures == []
    await stage.set.close()


async def test_a_crash_loop_fails_what_waits_and_says_the_last_reason() -> None:
    engine = Scripted(True, False, False, False)
    stage = Stage(engine)
    await stage.set.start()

    next(iter(engine.population)).kill("the test")

    with pytest.raises(Unavailable, match="the script says so"):
        _ = await stage.ask(1)
    assert len(stage.failures) == 1
    await stage.set.close()


async def test_crashes_long_ago_do_not_count(monkeypatch: pytest.MonkeyPatch) -> None:
    at = [1000.0]
    monkeypatch.setattr(replicas, "monotonic", lambda: at[0])
    engine = Scripted()
    stage = Stage(engine)
    await stage.set.start()

    for _ in range(5):
        next(iter(engine.population)).kill("the test")
        at[0] += 31.0
        assert await stage.ask(1) == [[2.0]]

    assert stage.failures == []
    await stage.set.close()


async def test_each_crash_of_late_makes_the_next_start_later(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    pauses: list[float] = []
    monkeypatch.setattr(replicas, "_BACK_OFF_S", 0.001)
    monkeypatch.setattr(replicas, "MAX_CRASHES", 5)
    engine = Scripted(True, False, False, False, True)
    stage = Stage(engine)
    stage.set._crashes.__init__(maxlen=5)  # as with five
    sleep = asyncio.sleep

    async def noted(delay: float) -> None:
        pauses.append(delay)
        await sleep(0)

    monkeypatch.setattr(replicas.asyncio, "sleep", noted)
    await stage.set.start()
    next(iter(engine.population)).kill("the test")

    assert await stage.ask(1) == [[2.0]]
    assert [pause for pause in pauses if pause] == [0.001, 0.002, 0.004]
    await stage.set.close()


async def test_a_request_that_kills_fails_alone_and_the_endpoint_goes_on() -> None:
    engine = Scripted()
    stage = Stage(engine)
    await stage.set.start()
    others = [asyncio.create_task(stage.ask(n)) for n in range(10)]

    with pytest.raises(ModelCrashed):
        _ = await stage.ask(POISON)

    assert [await each for each in others] == [[[2.0 * n]] for n in range(10)]
    assert stage.failures == []
    with pytest.raises(ModelCrashed):
        _ = await stage.ask(POISON)
    assert engine.n_starts == 3
    await stage.set.close()


async def test_a_drain_that_is_cut_short_still_ends_the_replicas() -> None:
    engine = Scripted()
    stage = Stage(engine)
    await stage.set.start()
    stage.batcher._settled.clear()  # as if a request never ended
    draining = asyncio.create_task(stage.set.drain(60))
    await asyncio.sleep(0)

    _ = draining.cancel()
    _ = await asyncio.gather(draining, return_exceptions=True)

    await until(lambda: engine.population == set())
