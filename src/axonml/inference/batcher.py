"""The queue of one endpoint: what arrived while a replica was busy is the next batch."""

import asyncio
import contextlib
import hashlib
import math
from collections import Counter, deque
from collections.abc import Callable, Sequence
from typing import ClassVar, Final

from axonml.clock import monotonic
from axonml.errors import AxonError, Invalid, TooMany
from axonml.formats.format import Tensors
from axonml.inference.latency import Buckets
from axonml.inference.outputs import Answer, Outputs
from axonml.inference.payload import Inputs
from axonml.inference.types import EndpointConfig

_MAX_RETRY_S: Final = 60
_MAX_KILLERS: Final = 64
# Weight of the newest batch in the measured rate.
_NEWEST: Final = 0.2


class QueueFull(TooMany):
    """The endpoint already holds as many rows as it may; try again after `retry_after_s`."""

    code: ClassVar[str] = "queue_full"
    title: ClassVar[str] = "The endpoint's queue is full"


class DeadlineExceeded(AxonError):
    """The answer did not come within the endpoint's `timeout_ms`."""

    code: ClassVar[str] = "deadline_exceeded"
    status: ClassVar[int] = 504
    title: ClassVar[str] = "No answer in time"


class ModelCrashed(AxonError):
    """This request ended two replicas, so it is not tried again."""

    code: ClassVar[str] = "model_crashed"
    status: ClassVar[int] = 500
    title: ClassVar[str] = "The model crashed on this request"


class Job:
    """One request on its way: its inputs, and the future that its caller waits on."""

    __slots__ = ("answer", "crashes", "inputs", "is_alone", "queued_rows", "since", "timer")

    def __init__(self, inputs: Inputs, answer: "asyncio.Future[Answer]") -> None:
        self.inputs: Final = inputs
        self.answer: Final = answer
        self.since: Final = monotonic()
        self.crashes: int = 0
        # After a crash or a refusal a job runs by itself, so that only the guilty one fails.
        self.is_alone: bool = inputs.key is None
        self.timer: asyncio.TimerHandle | None = None
        # What it counts for in the queue: nothing once it was taken or has ended.
        self.queued_rows: int = 0


class Batcher:
    """Owns an endpoint's queue: every job that it took ends in an answer or an error, once.

    Waits for nothing while a replica is idle, unless `max_delay_ms` asks it to.
    """

    def __init__(self, config: EndpointConfig) -> None:
        self._max_rows: Final = config.max_batch_rows
        self._delay_s: Final = config.max_delay_ms / 1000
        self._limit_rows: Final = config.queue_rows
        self._timeout_s: Final = config.timeout_ms / 1000
        self._loop: Final = asyncio.get_running_loop()
        self._queue: Final[deque[Job]] = deque()
        self._idle: Final[deque[asyncio.Event]] = deque()
        self._settled: Final = asyncio.Event()
        self._settled.set()
        self._n_open = 0
        self._row_s = 0.0
        self._refusal: AxonError | None = None
        self._killers: Final[set[bytes]] = set()
        # How long the oldest of each batch had waited, and how many rows each had.
        self.waits: Final = Buckets()
        self.batch_rows: Final[Counter[int]] = Counter()
        self.queued_rows: int = 0
        self.n_replicas: int = 1
        self.is_batchable: bool = True

    # ------------------------------------------------------------------ for callers

    def submit(self, inputs: Inputs) -> "asyncio.Future[Answer]":
        """Queue one request; the future fails with the error that the caller shall see.

        Raises:
            QueueFull: no room for its rows.
            AxonError: the endpoint does not take requests any more, or this one kills replicas.
        """
        if self._refusal is not None:
            raise self._refusal
        if self.queued_rows and self.queued_rows + inputs.n_rows > self._limit_rows:
            raise QueueFull(
                f"{self.queued_rows} rows wait already, at most {self._limit_rows} may; slow down",
                retry_after_s=self._retry_after_s(),
            )
        if self._killers and _digest(inputs) in self._killers:
            raise _crashed()
        job = Job(inputs, self._loop.create_future())
        job.timer = self._loop.call_later(self._timeout_s, self._expire, job)
        self._n_open += 1
        self._settled.clear()
        while self._queue and self._queue[0].answer.done():
            _ = self._queue.popleft()
        self._queue.append(job)
        self._count(job, inputs.n_rows)
        if self._idle:
            self._idle.popleft().set()
        # Also when the caller goes away: a cancelled future is a settled job.
        job.answer.add_done_callback(lambda _: self._settle(job))
        return job.answer

    def _retry_after_s(self) -> int:
        wait_s = self.queued_rows * self._row_s / self.n_replicas
        return max(1, min(_MAX_RETRY_S, math.ceil(wait_s)))

    def _expire(self, job: Job) -> None:
        if not job.answer.done():
            job.answer.set_exception(
                DeadlineExceeded(
                    f"no answer within timeout_ms = {self._timeout_s * 1000:.0f} ms;"
                    " the endpoint is busy, or its model slow"
                )
            )

    def _settle(self, job: Job) -> None:
        if job.timer is not None:
            job.timer.cancel()
        self._count(job, 0)
        self._n_open -= 1
        if not self._n_open:
            self._settled.set()

    def _count(self, job: Job, n_rows: int) -> None:
        self.queued_rows += n_rows - job.queued_rows
        job.queued_rows = n_rows

    # ------------------------------------------------------------------ for replicas

    async def take(self, wake: asyncio.Event, is_gone: Callable[[], bool]) -> list[Job]:
        """Wait for work and return the next batch; an empty one once the replica is gone.

        `wake` belongs to the replica's worker; whoever sets it makes `take` look again.
        """
        while not is_gone():
            if not self._queue:
                await self._sleep(wake, None)
                continue
            if self._delay_s and await self._linger(wake):
                continue
            jobs = self._collect()
            if jobs:
                self.waits.add(monotonic() - jobs[0].since)
                self.batch_rows[sum(job.inputs.n_rows for job in jobs)] += 1
                return jobs
        # The work that woke a dead replica is for another one.
        if self._queue and self._idle:
            self._idle.popleft().set()
        return []

    async def _linger(self, wake: asyncio.Event) -> bool:
        """Wait for a fuller batch; tell whether it is worth looking again."""
        left_s = self._queue[0].since + self._delay_s - monotonic()
        if left_s <= 0 or self.queued_rows >= self._max_rows:
            return False
        await self._sleep(wake, left_s)
        return True

    async def _sleep(self, wake: asyncio.Event, timeout_s: float | None) -> None:
        wake.clear()
        self._idle.append(wake)
        try:
            async with asyncio.timeout(timeout_s):
                _ = await wake.wait()
        except TimeoutError:
            return
        finally:
            # Unless `submit` took it: its replica's end, or the delay's, may have woken it too.
            with contextlib.suppress(ValueError):
                self._idle.remove(wake)

    def _collect(self) -> list[Job]:
        """Take from the head of the queue what fits one batch; drop whoever has gone."""
        jobs: list[Job] = []
        n_rows = 0
        while self._queue:
            job = self._queue[0]
            is_alone = job.is_alone or not self.is_batchable
            if not job.answer.done():
                if jobs and (is_alone or job.inputs.key != jobs[0].inputs.key):
                    break
                if jobs and n_rows + job.inputs.n_rows > self._max_rows:
                    break
                jobs.append(job)
                n_rows += job.inputs.n_rows
            _ = self._queue.popleft()
            self._count(job, 0)
            if jobs and (is_alone and jobs[-1] is job):
                break
        return jobs

    def settle(self, jobs: Sequence[Job], tensors: Tensors, elapsed_s: float) -> None:
        """Hand each job its rows of a batch's outputs."""
        outputs = Outputs(tensors)
        n_rows = sum(job.inputs.n_rows for job in jobs)
        is_rowwise = outputs.has_rows(n_rows)
        if len(jobs) > 1 and not is_rowwise:
            self.is_batchable = False
            self._requeue(jobs)
            return
        row_s = elapsed_s / n_rows
        self._row_s += (row_s - self._row_s) * (_NEWEST if self._row_s else 1.0)
        at = 0
        for job in jobs:
            rows = slice(at, at + job.inputs.n_rows) if is_rowwise else None
            at += job.inputs.n_rows
            if not job.answer.done():
                job.answer.set_result(Answer(outputs, rows))

    def refuse(self, jobs: Sequence[Job], reason: str) -> None:
        """Fail the job that the model raised on; of several, find out which."""
        if len(jobs) > 1:
            self._requeue(jobs)
            return
        for job in jobs:
            if not job.answer.done():
                error = Invalid(f"the model refused the inputs: {reason}", code="model_error")
                job.answer.set_exception(error)

    def put_back(self, jobs: Sequence[Job]) -> None:
        """Queue the jobs of a replica that crashed again, at the head, each by itself.

        A job that was there at two crashes fails, and is known from then on.
        """
        for job in jobs:
            job.crashes += 1
            if job.crashes > 1 and not job.answer.done():
                if len(self._killers) < _MAX_KILLERS:
                    self._killers.add(_digest(job.inputs))
                job.answer.set_exception(_crashed())
        self._requeue(jobs)

    def _requeue(self, jobs: Sequence[Job]) -> None:
        for job in reversed(jobs):
            if not job.answer.done():
                job.is_alone = True
                self._queue.appendleft(job)
                self._count(job, job.inputs.n_rows)
        if self._queue and self._idle:
            self._idle.popleft().set()

    # ------------------------------------------------------------------ the end

    async def drained(self) -> None:
        """Wait until every job that was taken is settled."""
        _ = await self._settled.wait()

    def close(self, refusal: AxonError) -> None:
        """Refuse new jobs and fail the open ones with `refusal`."""
        self._refusal = refusal
        while self._queue:
            job = self._queue.popleft()
            self._count(job, 0)
            if not job.answer.done():
                job.answer.set_exception(refusal)


def _crashed() -> ModelCrashed:
    return ModelCrashed(
        "the model's process ended twice while it computed this request; the endpoint's log"
        " says more"
    )


def _digest(inputs: Inputs) -> bytes:
    digest = hashlib.blake2b(digest_size=16)
    for name, array in inputs.tensors.items():
        digest.update(f"{name} {array.dtype} {array.shape}".encode())
        digest.update(repr(array.tolist()).encode() if array.dtype == object else array.tobytes())
    return digest.digest()
