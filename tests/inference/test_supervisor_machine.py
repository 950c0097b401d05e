"""Whatever is asked of endpoints in whatever order, memory, store and processes agree."""

import asyncio
import tempfile
from collections.abc import Coroutine
from pathlib import Path
from typing import Any, TypeVar

import onnx_models
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule
from serving import OWNER, FakeReplica, Shelf, Slice, a_row, predict, until

from axonml.config import Config, ServerConfig
from axonml.errors import AxonError
from axonml.inference.endpoints import LiveEndpoint
from axonml.inference.engines.engine import LogSink, Replica, StartFailed, Work
from axonml.inference.types import Deploy, EndpointChange, EndpointStatus
from axonml.storage.open import open_storage

T = TypeVar("T")
FACTORS = {1: 2.0, 2: 10.0, 3: -1.0}


class FakeEngine:
    """Starts fake replicas, unless it is told that models do not load."""

    def __init__(self) -> None:
        self.population: set[FakeReplica] = set()
        self.is_broken = False

    async def start(self, number: int, work: Work, log: LogSink) -> Replica:
        log(number, "starting")
        await asyncio.sleep(0)
        if self.is_broken:
            raise StartFailed("the test broke loading")
        version = int(work.path.stem.rpartition("-")[2])
        return FakeReplica(number, FACTORS[version], self.population)


class Endpoints(RuleBasedStateMachine):
    """One endpoint of a model with three versions, under everything that may happen to it."""

    def __init__(self) -> None:
        super().__init__()
        self._folder = tempfile.TemporaryDirectory()
        self._loop = asyncio.new_event_loop()
        home = Path(self._folder.name)
        config = Config(home=home / "home", server=ServerConfig(durability="relaxed"))
        self._storage = self.do(open_storage(config))
        shelf = Shelf(home)
        self.model = shelf.put("m", *(onnx_models.doubling(factor=f) for f in FACTORS.values()))
        self.engine = FakeEngine()
        self.here = Slice(self._storage, shelf, engine=self.engine)
        self.n_crashes = 0

    def do(self, work: Coroutine[Any, Any, T]) -> T:
        return self._loop.run_until_complete(asyncio.wait_for(work, 20))

    def teardown(self) -> None:
        self.do(self.here.supervisor.close())
        assert self.engine.population == set()
        self._loop.run_until_complete(self._storage.close())
        self._loop.close()
        self._folder.cleanup()

    @property
    def live(self) -> LiveEndpoint | None:
        return self.here.endpoints.named("m")

    def try_to(self, work: Coroutine[Any, Any, Any]) -> None:
        try:
            _ = self.do(work)
        except AxonError:
            if not self.engine.is_broken:
                raise

    @rule(version=st.sampled_from(sorted(FACTORS)), replicas=st.integers(1, 3))
    def deploy(self, version: int, replicas: int) -> None:
        wanted = Deploy(replicas=replicas)
        self.try_to(
            self.here.supervisor.deploy(OWNER, self.model.id, str(version), wanted, wait=True)
        )

    @precondition(lambda self: self.live is not None)
    @rule()
    def start(self) -> None:
        assert self.live
        self.try_to(self.here.supervisor.start(OWNER, self.live.record.id))

    @precondition(lambda self: self.live is not None)
    @rule()
    def stop(self) -> None:
        assert self.live
        record = self.do(self.here.supervisor.stop(OWNER, self.live.record.id))
        assert record.status is EndpointStatus.STOPPED

    @precondition(lambda self: self.live is not None)
    @rule(replicas=st.integers(1, 3))
    def change(self, replicas: int) -> None:
        assert self.live
        wanted = EndpointChange(replicas=replicas)
        self.try_to(self.here.supervisor.change(OWNER, self.live.record.id, wanted))

    @precondition(lambda self: self.live is not None)
    @rule()
    def delete(self) -> None:
        assert self.live
        _ = self.do(self.here.supervisor.delete(OWNER, self.live.record.id))
        assert self.live is None

    @rule()
    def start_and_stop_at_once(self) -> None:
        live = self.live
        if live is None:
            return

        async def both() -> None:
            supervisor = self.here.supervisor
            starting = asyncio.ensure_future(supervisor.start(OWNER, live.record.id))
            await asyncio.sleep(0)
            _ = await supervisor.stop(OWNER, live.record.id)
            _ = await asyncio.gather(starting, return_exceptions=True)

        self.do(both())
        assert live.record.status is EndpointStatus.STOPPED

    @rule(is_broken=st.booleans())
    def break_or_mend_loading(self, is_broken: bool) -> None:  # noqa: FBT001  # Hypothesis gives it by name
        self.engine.is_broken = is_broken

    @precondition(lambda self: self.engine.population and not self.engine.is_broken)
    @rule(n=st.integers(1, 2))
    def crash(self, n: int) -> None:
        live = self.live
        assert live
        victims = list(self.engine.population)[:n]
        for victim in victims:
            victim.kill("the test")

        def is_settled() -> bool:
            if live.record.status is EndpointStatus.FAILED:
                return not self.engine.population
            return len(self.engine.population) == live.record.replicas

        self.do(until(is_settled))

    @rule()
    def restart_the_server(self) -> None:
        self.do(self.here.supervisor.close())
        assert self.engine.population == set()
        self.here = Slice(self._storage, self.here.shelf, engine=self.engine)

        async def reopen() -> None:
            await self.here.supervisor.open()
            await until(lambda: self.live is None or self._is_resumed(self.live))

        self.do(reopen())

    def _is_resumed(self, live: LiveEndpoint) -> bool:
        if live.record.status is EndpointStatus.RUNNING:
            return live.serving is not None
        return live.record.status is not EndpointStatus.STARTING

    @invariant()
    def what_is_shown_is_what_is_stored(self) -> None:
        stored = self.do(self.here.store.every())
        assert stored == ([self.live.record] if self.live else [])

    @invariant()
    def what_is_running_answers_with_its_version_and_nothing_else_runs(self) -> None:
        live = self.live
        if live is None or live.record.status is not EndpointStatus.RUNNING:
            assert live is None or live.serving is None
            assert self.engine.population == set()
            return
        answer = self.do(predict(live, a_row(1, 1, 1)))
        assert answer == [[FACTORS[live.record.version]] * 3]

        async def drained() -> None:
            await until(lambda: len(self.engine.population) == live.record.replicas)

        self.do(drained())

    @invariant()
    def a_failure_says_why(self) -> None:
        if self.live and self.live.record.status is EndpointStatus.FAILED:
            assert self.live.record.reason


Endpoints.TestCase.settings = settings(
    max_examples=30,
    stateful_step_count=15,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow],
)
TestEndpoints = Endpoints.TestCase
