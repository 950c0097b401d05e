"""What an inference engine must offer: replicas that load one version and answer batches."""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Protocol

import msgspec
import numpy as np
from numpy.typing import NDArray

from axonml.errors import AxonError
from axonml.formats.format import Device, Signature, Tensors

# The rows of several requests under one input's name, to be joined along the first axis.
Batch = Mapping[str, Sequence[NDArray[np.generic]]]
# Takes each line that a replica writes to its standard error.
LogSink = Callable[[int, str], None]


class StartFailed(AxonError):
    """A replica could not load its model; the sentence is the replica's."""

    code = "start_failed"
    status = 409
    title = "The model cannot be started"


class ReplicaGone(Exception):
    """The replica ended, and what it was computing with it; says how it ended."""


class ModelRefused(Exception):
    """The model raised on this batch; the replica is well."""


class Work(msgspec.Struct, frozen=True):
    """What a replica loads, where, and what it may use: threads, MiB, seconds to load in."""

    path: Path
    format: str
    signature: Signature
    threads: int
    memory_mb: int | None
    load_timeout_s: float
    device: Device = "cpu"


class Replica(Protocol):
    """One loaded copy of a model, in a process of its own. One batch at a time."""

    number: int
    pid: int
    load_ms: float
    is_batchable: bool

    @property
    def is_gone(self) -> bool:
        """Whether the process has ended, or is being ended."""
        ...

    @property
    def obituary(self) -> str:
        """How the process ended, and the last it said; empty while it lives."""
        ...

    def memory_bytes(self) -> int | None:
        """Return the memory that is resident for it; None where nobody can tell."""
        ...

    def on_gone(self, call: Callable[[], None]) -> None:
        """Call `call` once when the replica ends, at once where it has."""
        ...

    async def run(self, batch: Batch) -> Tensors:
        """Return the outputs of one batch.

        Raises:
            ModelRefused: the model raised; the next batch may be well.
            ReplicaGone: the process ended before it answered.
        """
        ...

    def kill(self, why: str) -> None:
        """End the process at once; what it is running raises `ReplicaGone` and says `why`."""
        ...

    async def close(self) -> None:
        """Let the process end by itself, then make sure; a repeat changes nothing."""
        ...


class Engine(Protocol):
    """Starts replicas."""

    async def start(self, number: int, work: Work, log: LogSink) -> Replica:
        """Return replica `number` once it has loaded and warmed up.

        Raises:
            StartFailed: it could not; nothing is left running.
        """
        ...
