"""What a trainer tells while it works, and how it hears that it should stop."""

import signal
from collections.abc import Mapping
from pathlib import Path
from types import FrameType
from typing import Any, Final, Protocol

import msgspec

from axonml.clock import monotonic
from axonml.trainers.datasets import Data
from axonml.trainers.params import Params


class Sink(Protocol):
    """The run of the SDK, as far as trainers use it."""

    @property
    def should_stop(self) -> bool:
        """Tell whether somebody asked for the run to stop."""
        ...

    def log(self, values: Mapping[str, object], step: int | None = None) -> None:
        """Log numbers at a step."""
        ...

    def log_text(self, text: str, level: str = "info") -> None:
        """Add lines to the run's log."""
        ...


class Progress:
    """Carries numbers and lines to the run; SIGTERM and the page's Stop both become `should_stop`.

    `checkpoints` is the folder that outlives the process, None where nothing asked for one.
    """

    def __init__(self, run: Sink, checkpoints: Path | None = None) -> None:
        self._run: Final = run
        self.checkpoints: Final = checkpoints
        self._is_told = False

    def heed_signals(self) -> None:
        """Turn the first SIGTERM into a request; a second one ends the process as it always did."""
        _ = signal.signal(signal.SIGTERM, self._told)

    @property
    def should_stop(self) -> bool:
        """Tell whether to save and leave."""
        return self._is_told or self._run.should_stop

    def log(self, values: Mapping[str, object], step: int) -> None:
        """Log numbers at a step."""
        self._run.log(values, step)

    def say(self, text: str) -> None:
        """Add a line to the run's log."""
        self._run.log_text(text)

    def _told(self, number: int, frame: FrameType | None) -> None:
        del frame
        self._is_told = True
        _ = signal.signal(number, signal.SIG_DFL)


class Trained(msgspec.Struct, frozen=True, eq=False, kw_only=True):
    """What training left: the model as ONNX, how it did on held-out rows, its bare weights.

    `weights` is a safetensors file, None where the model is no stack of tensors. `predicted`
    holds the class number or value of each held-out row, as the ONNX model gives it.
    """

    onnx: bytes
    metrics: dict[str, float]
    predicted: Any
    weights: bytes | None = None


class Trainer(Protocol):
    """One built-in trainer."""

    def __call__(self, data: Data, params: Params, progress: Progress) -> Trained | None:
        """Train and return the model, None where a stop came first.

        Every number logged was computed from the rows at that step; the same rows and
        parameters give the same numbers.
        """
        ...


class Pace:
    """Measures rows a second between calls."""

    def __init__(self) -> None:
        self._begun = monotonic()

    def rate(self, n_rows: int) -> float:
        """Return rows a second since the last call, or since this was made."""
        now = monotonic()
        passed, self._begun = now - self._begun, now
        return n_rows / max(passed, 1e-9)
