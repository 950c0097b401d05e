"""The process that weighs parameters, started before it is asked."""

import asyncio
import os
import sys
from asyncio.subprocess import PIPE, Process
from importlib.util import find_spec
from typing import Final

import msgspec

from axonml.errors import Unavailable
from axonml.training.forest import Samples, Weights
from axonml.training.job_environment import environment_for_jobs

_TIMEOUT_S: Final = 60.0
_SPARE_S: Final = 300.0
# Each takes a core and a few hundred MB; who comes third waits.
_AT_ONCE: Final = 2


class Weigher:
    """Weighs samples in a process of its own; keeps at most one ready for `spare_s`.

    Loading scikit-learn is most of the time that a first question takes. A spare process has
    loaded it and waits at its standard input; it ends when that is closed, also if the server dies.
    """

    def __init__(self, spare_s: float = _SPARE_S) -> None:
        self._spare_s: Final = spare_s
        self._spare: Process | None = None
        self._is_starting = False
        self._expiry: asyncio.TimerHandle | None = None
        self._places: Final = asyncio.Semaphore(_AT_ONCE)

    async def warm(self) -> None:
        """Have a process ready for the next question; does nothing without scikit-learn."""
        if find_spec("sklearn") is None or self._is_starting:
            return
        self._expire_later()
        if self._spare is not None and self._spare.returncode is None:
            return
        self._is_starting = True
        try:
            self._spare = await _started()
        finally:
            self._is_starting = False

    async def weigh(self, samples: Samples) -> Weights:
        """Return what each parameter tells; another process is ready afterwards.

        Raises:
            Unavailable: it takes too long, or the process ended.
        """
        async with self._places:
            process, self._spare = self._spare, None
            weights = None if process is None else await _answered(process, samples)
            if weights is None:
                weights = await _answered(await _started(), samples)
        if weights is None:
            raise Unavailable("the parameters could not be weighed: the process was killed")
        await self.warm()
        return weights

    async def close(self) -> None:
        """End the process that waits."""
        if self._expiry is not None:
            self._expiry.cancel()
        process, self._spare = self._spare, None
        if process is not None:
            await _ended(process)

    def _expire_later(self) -> None:
        if self._expiry is not None:
            self._expiry.cancel()
        self._expiry = asyncio.get_running_loop().call_later(self._spare_s, self._expire)

    def _expire(self) -> None:
        process, self._spare = self._spare, None
        if process is not None and process.stdin is not None:
            process.stdin.close()


async def _started() -> Process:
    return await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "axonml.training.forest"),
        stdin=PIPE,
        stdout=PIPE,
        stderr=PIPE,
        env=environment_for_jobs(os.environ),
    )


async def _answered(process: Process, samples: Samples) -> Weights | None:
    """Return the weights, None where the process was killed, also before it was asked."""
    try:
        async with asyncio.timeout(_TIMEOUT_S):
            out, complaint = await process.communicate(msgspec.json.encode(samples))
    except TimeoutError:
        raise Unavailable(
            f"weighing takes longer than {_TIMEOUT_S:g} s; choose fewer runs"
        ) from None
    finally:
        await _ended(process)
    if process.returncode is None or process.returncode < 0:
        return None
    if process.returncode:
        last = complaint.decode(errors="replace").strip().rpartition("\n")[2]
        raise Unavailable(f"the parameters could not be weighed: {last or 'the process ended'}")
    return msgspec.json.decode(out, type=Weights)


async def _ended(process: Process) -> None:
    if process.returncode is None:
        process.kill()
        _ = await process.communicate()
