"""Trains in the test's own process, and keeps what a trainer logs."""

from collections.abc import Mapping
from importlib import import_module
from pathlib import Path
from typing import Any, cast

from axonml.trainers.catalogue import check
from axonml.trainers.datasets import Data, load_data
from axonml.trainers.progress import Progress, Trained


class Kept:
    """A run that keeps what is logged; `stop_at` asks for a stop once a step is reached."""

    def __init__(self, stop_at: int | None = None) -> None:
        self.rows: list[tuple[int, dict[str, float]]] = []
        self.lines: list[str] = []
        self.should_stop = False
        self._stop_at = stop_at

    def log(self, values: Mapping[str, object], step: int | None = None) -> None:
        numbers = {name: float(cast("Any", value)) for name, value in values.items()}
        self.rows.append((step or 0, numbers))
        self.should_stop = self._stop_at is not None and (step or 0) >= self._stop_at

    def log_text(self, text: str, level: str = "info") -> None:
        del level
        self.lines.append(text)

    def series(self, name: str) -> list[float]:
        return [values[name] for _, values in self.rows if name in values]

    def steps(self, name: str) -> list[int]:
        return [step for step, values in self.rows if name in values]


class Training:
    """One training in this process."""

    def __init__(
        self, trainer: str, dataset: str, params: dict[str, Any], limit: int | None
    ) -> None:
        self.params = check(trainer, dataset, params)
        self.data: Data = load_data(
            dataset, held_out=self.params.held_out, seed=self.params.seed, limit=limit
        )
        modules = {"gradient_boosting": "boosting"}
        self._train = import_module(f"axonml.trainers.{modules.get(trainer, trainer)}").train

    def __call__(self, run: Kept, checkpoints: Path | None = None) -> Trained | None:
        return self._train(self.data, self.params, Progress(run, checkpoints))


def a_training(trainer: str, dataset: str, limit: int | None = None, **params: Any) -> Training:
    return Training(trainer, dataset, params, limit)
