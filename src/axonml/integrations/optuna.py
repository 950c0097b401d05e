"""Optuna: `study.optimize(objective, callbacks=[AxonmlCallback()])`."""

import math
from typing import Any, Final

from optuna.study import Study, StudyDirection
from optuna.trial import FrozenTrial

from axonml.client.run import Run
from axonml.integrations.target import run_for


class AxonmlCallback:
    """Logs each finished trial at its number: its values, its parameters, the best value so far.

    Stop on the run's page ends the study after the trial. `run` is the run to log to; without one
    it is the script's, or begun with `options`.
    """

    def __init__(self, run: Run | None = None, **options: Any) -> None:  # init's
        self._run = run
        self._options: Final = options
        self._best: float | None = None

    def __call__(self, study: Study, trial: FrozenTrial) -> None:
        """Log the trial."""
        self._run = run_for(self._run, **self._options)
        values = trial.values or []
        named = {("value" if i == 0 else f"value_{i}"): value for i, value in enumerate(values)}
        params = {
            f"params/{name}": value
            for name, value in trial.params.items()
            if isinstance(value, int | float)
        }
        if len(values) == 1 and not math.isnan(values[0]):
            is_better = max if study.direction is StudyDirection.MAXIMIZE else min
            best = values[0] if self._best is None else is_better(self._best, values[0])
            if best != self._best:
                self._best = best
                self._run.config.update({"best_params": trial.params, "best_trial": trial.number})
            named["best_value"] = best
        self._run.log({**named, **params}, step=trial.number)
        self._run.log_text(f"trial {trial.number} {trial.state.name.lower()}: {trial.params}")
        if self._run.should_stop:
            study.stop()
