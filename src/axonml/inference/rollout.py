"""A rollout at work: a canary that answers some requests, a shadow that gets copies of some."""

import asyncio
import random
from typing import Final

import msgspec

from axonml.clock import monotonic
from axonml.errors import AxonError, Unavailable
from axonml.formats.format import Tensors
from axonml.ids import VersionId
from axonml.inference.answers import difference
from axonml.inference.batcher import Batcher, ModelCrashed, QueueFull
from axonml.inference.latency import Second
from axonml.inference.outputs import Answer
from axonml.inference.payload import Inputs, Payload
from axonml.inference.replicas import ReplicaSet

# Copies on their way to a shadow; beyond, it is slower than what it shadows.
_MAX_COPIES: Final = 256
# Values compared in one go: under two milliseconds of the event loop.
_MAX_COMPARED: Final = 100_000


class Serving(msgspec.Struct, frozen=True, eq=False):
    """What answers now: one version's payload, queue and replicas. Swapped as one reference.

    `key` is equal for records of an endpoint that the same replicas can serve.
    """

    key: object
    version: str
    model_version_id: VersionId
    payload: Payload
    batcher: Batcher
    replicas: ReplicaSet


class Side:
    """One version of a rollout and its figures since the rollout, as it is now, began."""

    def __init__(self, serving: Serving, percent: float) -> None:
        self.serving: Final = serving
        self.percent: Final = percent
        self.figures: Final = Second(monotonic())

    def is_drawn(self) -> bool:
        """Tell, by chance, whether a request is among this side's share."""
        return random.random() * 100 < self.percent  # noqa: S311  # a share, not a secret

    async def ask(self, inputs: Inputs) -> Answer:
        """Answer and count."""
        began = monotonic()
        try:
            answer = await self.serving.batcher.submit(inputs)
        except BaseException:
            self.figures.n_error += 1
            raise
        self.figures.succeed(monotonic() - began)
        return answer


class Shadow(Side):
    """A version that gets copies; its answers are compared and dropped."""

    def __init__(self, serving: Serving, percent: float) -> None:
        super().__init__(serving, percent)
        self.n_compared: int = 0
        self.n_agreed: int = 0
        self.n_same_top: int | None = None
        self.n_skipped: int = 0
        self.max_difference: float = 0.0
        self._copies: Final[set[asyncio.Task[None]]] = set()

    def copy(self, inputs: Inputs, given: Answer) -> None:
        """Ask the shadow too, beside the caller's way; skip it where too many wait already."""
        if len(self._copies) >= _MAX_COPIES or given.n_values > _MAX_COMPARED:
            self.n_skipped += 1
            return
        # A copy of the answer's rows: a batch's outputs must not live on for one of them.
        arrays = {name: array.copy() for name, array in given.arrays().items()}
        task = asyncio.create_task(self._compare(inputs, arrays), name="shadow")
        self._copies.add(task)
        task.add_done_callback(self._copies.discard)

    async def _compare(self, inputs: Inputs, given: Tensors) -> None:
        try:
            answer = await self.ask(inputs)
        except AxonError:
            return
        found = difference(given, answer.arrays())
        self.n_compared += 1
        self.n_agreed += found.agrees
        if found.max_difference is not None:
            self.max_difference = max(self.max_difference, found.max_difference)
        if found.same_top is not None:
            self.n_same_top = (self.n_same_top or 0) + found.same_top


class RolloutAtWork:
    """Sends each request to the side that chance draws; counts what each side did."""

    def __init__(self, main: Serving, canary: Side | None, shadow: Shadow | None) -> None:
        self.main: Final = Side(main, 100.0)
        self.canary: Side | None = canary
        self.shadow: Shadow | None = shadow

    async def ask(self, inputs: Inputs) -> tuple[Answer, str]:
        """Return the answer and the version that gave it.

        A canary that cannot answer any more costs no request: the version beside it answers.
        """
        side = self.main
        if self.canary is not None and self.canary.is_drawn():
            side = self.canary
        try:
            answer = await side.ask(inputs)
        except (Unavailable, QueueFull, ModelCrashed):
            if side is self.main:
                raise
            side = self.main
            answer = await side.ask(inputs)
        if self.shadow is not None and self.shadow.is_drawn():
            self.shadow.copy(inputs, answer)
        return answer, side.serving.version

    def named(self, version: str) -> Side | None:
        """Return the side that serves `version` ("v3") for callers; a shadow answers nobody."""
        sides = (self.main, self.canary)
        return next((side for side in sides if side and side.serving.version == version), None)

    def take_out(self, serving: Serving) -> bool:
        """Send nothing more to a side; tell whether the rollout has another one."""
        if self.canary is not None and self.canary.serving is serving:
            self.canary = None
        if self.shadow is not None and self.shadow.serving is serving:
            self.shadow = None
        return self.canary is not None or self.shadow is not None

    @property
    def servings(self) -> list[Serving]:
        """What runs beside the endpoint's version."""
        return [side.serving for side in (self.canary, self.shadow) if side is not None]


class LineUp(msgspec.Struct, frozen=True, eq=False):
    """What serves a record: its version, and what is tried beside it."""

    main: Serving
    rollout: RolloutAtWork | None

    @property
    def servings(self) -> list[Serving]:
        """Return every set of replicas."""
        return [self.main, *(self.rollout.servings if self.rollout is not None else ())]
