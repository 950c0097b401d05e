"""The replicas of one endpoint: each has a worker that feeds it, and replaces it when it ends."""

import asyncio
from collections import Counter, deque
from collections.abc import Callable
from typing import Final

import structlog

from axonml.clock import monotonic
from axonml.errors import Unavailable
from axonml.inference.batcher import Batcher, Job
from axonml.inference.engines.engine import (
    Engine,
    LogSink,
    ModelRefused,
    Replica,
    ReplicaGone,
    StartFailed,
    Work,
)

MAX_CRASHES: Final = 3
WITHIN_S: Final = 60.0
_BACK_OFF_S: Final = 0.5
_log: Final = structlog.stdlib.get_logger("axonml.inference")


class ReplicaSet:
    """Keeps `count` replicas of one version alive and fed from one batcher.

    After `MAX_CRASHES` within `WITHIN_S` it gives up: the batcher refuses, `on_failed` is called.
    """

    def __init__(
        self,
        engine: Engine,
        work: Work,
        count: int,
        batcher: Batcher,
        *,
        timeout_s: float,
        log: LogSink,
        on_failed: Callable[[str], None],
    ) -> None:
        self._engine: Final = engine
        self._work: Final = work
        self.count: Final = count
        # By the number of the replica.
        self.restarts: Final[Counter[int]] = Counter()
        self._batcher: Final = batcher
        self._timeout_s: Final = timeout_s
        self._log: Final = log
        self._on_failed: Final = on_failed
        self._replicas: Final[dict[int, Replica]] = {}
        self._workers: Final[set[asyncio.Task[None]]] = set()
        self._crashes: Final[deque[float]] = deque(maxlen=MAX_CRASHES)
        self._has_failed = False

    @property
    def alive(self) -> list[Replica]:
        """The replicas that can answer now."""
        return [each for each in self._replicas.values() if not each.is_gone]

    def running(self, number: int) -> Replica | None:
        """Return the replica of that number; None while it is being started again."""
        replica = self._replicas.get(number)
        return None if replica is None or replica.is_gone else replica

    async def start(self) -> None:
        """Return when every replica is ready.

        Raises:
            StartFailed: one could not start; none is left running.
        """
        starting = [
            asyncio.create_task(self._engine.start(number, self._work, self._log))
            for number in range(self.count)
        ]
        try:
            replicas = await asyncio.gather(*starting)
        except BaseException:
            for task in starting:
                _ = task.cancel()
            for ended in await asyncio.gather(*starting, return_exceptions=True):
                if not isinstance(ended, BaseException):
                    await ended.close()
            raise
        self._batcher.n_replicas = self.count
        self._batcher.is_batchable = all(each.is_batchable for each in replicas)
        for replica in replicas:
            self._replicas[replica.number] = replica
            worker = asyncio.create_task(
                self._serve(replica), name=f"replica {replica.number} of {self._work.path}"
            )
            self._workers.add(worker)

    async def _serve(self, replica: Replica) -> None:
        """Feed one replica until it ends, and its successors after it."""
        current: Replica | None = replica
        while current is not None:
            wake = asyncio.Event()
            current.on_gone(wake.set)
            while jobs := await self._batcher.take(wake, lambda at=current: at.is_gone):
                await self._run(current, jobs)
            current = await self._replace(current)

    async def _run(self, replica: Replica, jobs: list[Job]) -> None:
        first = jobs[0].inputs.tensors
        batch = {name: [job.inputs.tensors[name] for job in jobs] for name in first}
        began = monotonic()
        try:
            async with asyncio.timeout(self._timeout_s):
                outputs = await replica.run(batch)
        except ModelRefused as refusal:
            self._batcher.refuse(jobs, str(refusal))
        except ReplicaGone:
            self._batcher.put_back(jobs)
        except TimeoutError:
            # Every job in the batch is older than the batch, so all are past their deadline.
            why = f"it gave no answer within {self._timeout_s:g} s and was ended"
            self._log(replica.number, why)
            replica.kill(why)
        else:
            self._batcher.settle(jobs, outputs, monotonic() - began)

    async def _replace(self, dead: Replica) -> Replica | None:
        """Return the successor of a dead replica; None when the set gives up."""
        await dead.close()
        reason = dead.obituary
        _ = self._replicas.pop(dead.number, None)
        while not self._gives_up(reason):
            recent = len(self._crashes)
            await asyncio.sleep(_BACK_OFF_S * 2 ** (recent - 2) if recent > 1 else 0)
            try:
                successor = await self._engine.start(dead.number, self._work, self._log)
            except StartFailed as failure:
                reason = failure.detail
                continue
            self.restarts[successor.number] += 1
            self._replicas[successor.number] = successor
            return successor
        return None

    def _gives_up(self, reason: str) -> bool:
        """Count a crash; tell whether there were too many of late."""
        now_s = monotonic()
        self._crashes.append(now_s)
        while self._crashes and self._crashes[0] < now_s - WITHIN_S:
            _ = self._crashes.popleft()
        _log.warning("a replica ended", model=str(self._work.path), reason=reason)
        if len(self._crashes) < MAX_CRASHES:
            return False
        if not self._has_failed:
            self._has_failed = True
            said = f"{MAX_CRASHES} crashes within {WITHIN_S:.0f} s, the last: {reason}"
            self._batcher.close(Unavailable(f"the endpoint failed: {said}", code="endpoint_failed"))
            self._on_failed(said)
        return True

    async def drain(self, timeout_s: float) -> None:
        """Answer what is queued, at most for `timeout_s`, then end the replicas."""
        try:
            async with asyncio.timeout(timeout_s):
                await self._batcher.drained()
        except TimeoutError:
            _log.warning("requests were still queued after the drain", after_s=timeout_s)
        finally:
            await self.close()

    async def close(self) -> None:
        """End workers and replicas now; a repeat changes nothing."""
        self._batcher.close(
            Unavailable("the endpoint is being stopped", code="endpoint_draining", retry_after_s=1)
        )
        workers = [each for each in self._workers if each is not asyncio.current_task()]
        for worker in workers:
            _ = worker.cancel()
        _ = await asyncio.gather(*workers, return_exceptions=True)
        self._workers.clear()
        replicas = list(self._replicas.values())
        self._replicas.clear()
        _ = await asyncio.gather(*(each.close() for each in replicas))
